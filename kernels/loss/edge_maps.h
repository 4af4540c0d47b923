// Edges of the channel mean m = mean over c of x, for the edge losses.     x: [N, C, H, W] f32, bf16 or f64
//
// sobel      gx = X ⋆ m, gy = Y ⋆ m, y = sqrt(gx² + gy² + 1e-6)            gx, gy, y: [N, 1, H, W]
//            X = [1 0 -1; 2 0 -2; 1 0 -1], Y = [1 2 1; 0 0 0; -1 -2 -1]     (⋆: cross-correlation)
//            grad_m = X ⋆ᵀ (grad_y gx / y) + Y ⋆ᵀ (grad_y gy / y),  grad_x = grad_m / C in every channel
// laplacian  y = [0 1 0; 1 -4 1; 0 1 0] ⋆ m;  grad_m = its transpose applied to grad_y
// The maps and their gradients are f32, f64 for f64 images: rounded to bf16, small differences between edges would
// change sign in the losses.
//
// Outside the image: as the mode says; NectarGAN's is zeros. reflect needs two rows and columns.
// PyTorch: conv2d(x.mean(1, keepdim=True), kernel, padding=1), with torch.nn.functional.pad(…, mode='reflect') first.
#pragma once

#include "kernels/device/operator.h"
#include "kernels/device/padding.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View gx, View gy, View y, PaddingMode)> sobel_forward{
    "sobel_forward"};
inline constinit Operator<void(Context&, ConstView gx, ConstView gy, ConstView y, ConstView grad_y, View grad_x,
                               PaddingMode)>
    sobel_backward{"sobel_backward"};

inline constinit Operator<void(Context&, ConstView x, View y, PaddingMode)> laplacian_forward{"laplacian_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, View grad_x, PaddingMode)> laplacian_backward{
    "laplacian_backward"};

}  // namespace cuunet
