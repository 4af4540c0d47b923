// How alike two pictures are, and how colourful one is. Pictures are [H, W, 3] RGB, double in 0 … 1 or 8-bit (divided
// by 255); sums are in double, in the order of the pixels. Pictures that don't fit each other throw ShapeError.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace cuunet {

// 10 log10(1 / mean((a - b)²)) over all pixels and channels, in dB; infinite for equal pictures.
// skimage.metrics.peak_signal_noise_ratio(a, b, data_range=1)
double psnr(std::span<const double> a, std::span<const double> b);
double psnr(std::span<const uint8_t> a, std::span<const uint8_t> b);

struct Ssim {
  double mean;
  std::array<double, 3> per_channel;
};

struct SsimOptions {
  bool use_sample_covariance = false;  // variances times 121/120, skimage's default; Wang's own definition is without
};

// Structural similarity (Wang et al. 2004), 1 for equal pictures: an 11-tap gaussian window (sigma 1.5) gives means ux,
// uy, variances vx, vy and the covariance vxy at every pixel at least 5 from each border;
//   S = (2 ux uy + C1)(2 vxy + C2) / ((ux² + uy² + C1)(vx + vy + C2)),  C1 = 0.01², C2 = 0.03²,
// averaged over those pixels, then over the channels. Sides below 11 throw ShapeError.
// skimage.metrics.structural_similarity(a, b, gaussian_weights=True, sigma=1.5, data_range=1, channel_axis=2,
//                                       use_sample_covariance=…)
constexpr int64_t kSsimWindow = 11;
Ssim ssim(std::span<const double> a, std::span<const double> b, int64_t height, int64_t width,
          const SsimOptions& options = {});
Ssim ssim(std::span<const uint8_t> a, std::span<const uint8_t> b, int64_t height, int64_t width,
          const SsimOptions& options = {});

// Hasler and Süsstrunk, "Measuring Colourfulness in Natural Images" (2003), on the 0 … 255 scale:
//   rg = R - G,  yb = (R + G)/2 - B,  sqrt(var rg + var yb) + 0.3 sqrt(mean(rg)² + mean(yb)²)
// 0 is grey, 15 slightly, 33 moderately, 45 averagely, 59 quite, 82 highly, 109 extremely colourful.
double colourfulness(std::span<const double> rgb);
double colourfulness(std::span<const uint8_t> rgb);

}  // namespace cuunet
