// One thread per pixel of a pair; a table of the pictures' transforms travels with the launch, a row of the grid each.
// Per pixel: 12 (bytes) or 48 reads, which neighbours share through the caches, and two pixels of 8 lanes written;
// about 150 operations, an exponential and a logarithm per colour. Bound: arithmetic and the caches together;
// photographs and pairs fit the L2 cache.
#include "kernels/image/grey_pair.h"

#include "kernels/device/pixels.h"

#include <algorithm>

namespace cuunet::CUUNET_TARGET {
namespace {

struct Picture {
  const void* photo;
  bool bytes, sampled, flipped, lit;
  int height, width, grid_height, grid_width, top, left, warps;
  float warp[2][8], affine[6], light_shift, light_scale;
};

// Arguments of a kernel may have 4 KiB with every driver.
constexpr int most_pictures = 24;
struct PictureTable {
  Picture pictures[most_pictures];
};

struct Pairs {
  unsigned pixels;   // of one picture
  int width, first;  // picture of this launch
  int input_lanes, target_lanes;
  float mean[3], std[3];
};

__device__ __forceinline__ int mirrored_index(int i, int count) {
  if (count == 1) return 0;
  int period = 2 * (count - 1), folded = (i % period + period) % period;
  return min(folded, period - folded);
}

__device__ __forceinline__ float mirrored_position(float position, float last) {
  bool finite = (__float_as_uint(position) & 0x7F800000u) != 0x7F800000u;
  if (last <= 0 || !finite) return 0;
  position = fmodf(fabsf(position), 2 * last);
  return max(min(position > last ? 2 * last - position : position, last), 0.0f);
}

__device__ __forceinline__ float linspace(int i, int count) {
  return count > 1 ? -1.0f + 2.0f * static_cast<float>(i) / static_cast<float>(count - 1) : -1.0f;
}

// sum += weight · the colour of one pixel of the photograph
__device__ __forceinline__ void add_colour(const Picture& p, int row, int column, float weight, float (&sum)[3]) {
  int64_t i = (int64_t{row} * p.width + column) * 3;
#pragma unroll
  for (int c = 0; c < 3; ++c) {
    float value = p.bytes ? static_cast<float>(static_cast<const uint8_t*>(p.photo)[i + c]) / 255.0f
                          : static_cast<const float*>(p.photo)[i + c];
    sum[c] += weight * value;
  }
}

__device__ inline void sample(const Picture& p, int i, int j, float (&rgb)[3]) {
  float u = linspace(j, p.grid_width), v = linspace(i, p.grid_height);
  for (int w = 0; w < p.warps; ++w) {
    const float(&c)[8] = p.warp[w];
    float depth = c[6] * u + c[7] * v + 1, x = (c[0] * u + c[1] * v + c[2]) / depth;
    v = (c[3] * u + c[4] * v + c[5]) / depth;
    u = x;
  }
  float last_x = static_cast<float>(p.width - 1), last_y = static_cast<float>(p.height - 1);
  float x = mirrored_position((p.affine[0] * u + p.affine[1] * v + p.affine[2] + 1) / 2 * last_x, last_x);
  float y = mirrored_position((p.affine[3] * u + p.affine[4] * v + p.affine[5] + 1) / 2 * last_y, last_y);
  int x0 = static_cast<int>(x), y0 = static_cast<int>(y), x1 = min(x0 + 1, p.width - 1), y1 = min(y0 + 1, p.height - 1);
  float right = x - static_cast<float>(x0), lower = y - static_cast<float>(y0);
  add_colour(p, y0, x0, (1 - right) * (1 - lower), rgb);
  add_colour(p, y0, x1, right * (1 - lower), rgb);
  add_colour(p, y1, x0, (1 - right) * lower, rgb);
  add_colour(p, y1, x1, right * lower, rgb);
}

template <class T, bool aligned>
__device__ __forceinline__ void store_colour(T* row, int lanes, const float (&rgb)[3]) {
  constexpr int pack = aligned ? pack_size<T> : 1;
  for (int first = 0; first < lanes; first += pack) {
    float values[pack];
#pragma unroll
    for (int e = 0; e < pack; ++e) values[e] = first + e < 3 ? rgb[first + e] : 0.0f;
    store_channels<pack>(row, first, 3, lanes, values);
  }
}

template <class T, bool aligned>
__global__ void __launch_bounds__(256) grey_pairs_kernel(PictureTable table, Pairs s, Rows<T> input, Rows<T> target) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.pixels) return;
  const Picture& p = table.pictures[blockIdx.y];
  int i = mirrored_index(p.top + static_cast<int>(index / static_cast<unsigned>(s.width)), p.grid_height);
  int j = mirrored_index(p.left + static_cast<int>(index % static_cast<unsigned>(s.width)), p.grid_width);
  if (p.flipped) j = p.grid_width - 1 - j;
  float rgb[3] = {};
  if (p.sampled)
    sample(p, i, j, rgb);
  else
    add_colour(p, i, j, 1.0f, rgb);
  if (p.lit) {
#pragma unroll
    for (int c = 0; c < 3; ++c) {
      float logit = -logf(1 / max(min(rgb[c], 1 - 1e-7f), 1e-7f) - 1);
      rgb[c] = 1 / (1 + expf(-(logit + p.light_shift) * p.light_scale));
    }
  }
  float light = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2], grey[3];
#pragma unroll
  for (int c = 0; c < 3; ++c) {
    grey[c] = (light - s.mean[c]) / s.std[c];
    rgb[c] = (rgb[c] - s.mean[c]) / s.std[c];
  }
  int64_t pixel = (int64_t{s.first} + blockIdx.y) * s.pixels + index;
  store_colour<T, aligned>(input.at(pixel, 0), s.input_lanes, grey);
  store_colour<T, aligned>(target.at(pixel, 0), s.target_lanes, rgb);
}

Picture picture_of(const PictureTransform& t) {
  auto i32 = [](int64_t value) { return static_cast<int>(value); };
  Picture p{t.photo.data,
            t.photo.dtype == DType::u8,
            t.sampled,
            t.flipped,
            t.lit,
            i32(count_32(t.photo.shape[0])),
            i32(count_32(t.photo.shape[1])),
            i32(count_32(t.grid_height)),
            i32(count_32(t.grid_width)),
            i32(t.top),
            i32(t.left),
            t.warps};
  auto f32 = [](double value) { return static_cast<float>(value); };
  for (size_t w = 0; w < 2; ++w) std::transform(t.warp[w].begin(), t.warp[w].end(), p.warp[w], f32);
  std::transform(t.affine.begin(), t.affine.end(), p.affine, f32);
  p.light_shift = f32(t.light_shift);
  p.light_scale = f32(t.light_scale);
  return p;
}

void make(Context& context, std::span<const PictureTransform> pictures, View input, View target,
          const Normalisation& normal) {
  require_grey_pairs(pictures, input, target);
  Pairs s{count_32(input.h() * input.w()), static_cast<int>(input.w()), 0, static_cast<int>(input.lanes),
          static_cast<int>(target.lanes)};
  std::copy(normal.mean.begin(), normal.mean.end(), s.mean);
  std::copy(normal.std.begin(), normal.std.end(), s.std);
  visit_storage("make_grey_pairs", input.dtype, [&]<class T>(T) {
    auto run = [&](auto kernel_constant) {
      constexpr auto kernel = decltype(kernel_constant)::value;
      for (size_t first = 0; first < pictures.size(); first += most_pictures) {
        auto some = pictures.subspan(first, std::min<size_t>(most_pictures, pictures.size() - first));
        PictureTable table{};
        std::transform(some.begin(), some.end(), table.pictures, picture_of);
        s.first = static_cast<int>(first);
        dim3 grid(block_count(s.pixels, 256), static_cast<unsigned>(some.size()));
        launch<kernel>({grid, 256, 0, stream_of(context)}, table, s, rows_of<T>(input), rows_of<T>(target));
      }
    };
    if (packs(input) && packs(target))
      run(std::integral_constant<decltype(&grey_pairs_kernel<T, true>), grey_pairs_kernel<T, true>>{});
    else
      run(std::integral_constant<decltype(&grey_pairs_kernel<T, false>), grey_pairs_kernel<T, false>>{});
  });
}

const Implementation pairs_here{make_grey_pairs, Device::CUUNET_TARGET, make};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
