#include "kernels/image/yuv.h"

#include "kernels/device/error.h"

#include <algorithm>

namespace cuunet {

namespace {

void check_sizes(const char* where, size_t in, size_t out) {
  if (in % 3 != 0) throw ShapeError("{}: expected 3 values per pixel, got {} values", where, in);
  if (in != out) throw ShapeError("{}: expected pictures of one size, got {} and {} values", where, in, out);
}

uint8_t clamp_to_byte(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

struct Bytes {
  uint8_t c0, c1, c2;
};

constexpr int kHalf = 1 << 13, kCentre = 128 << 14;  // fixed point with 14 bits

Bytes to_yuv(int r, int g, int b) {
  int y = (4899 * r + 9617 * g + 1868 * b + kHalf) >> 14;
  return {static_cast<uint8_t>(y), clamp_to_byte(((b - y) * 8061 + kCentre + kHalf) >> 14),
          clamp_to_byte(((r - y) * 14369 + kCentre + kHalf) >> 14)};
}

Bytes to_rgb(int y, int u, int v) {
  u -= 128;
  v -= 128;
  return {clamp_to_byte(y + ((18678 * v + kHalf) >> 14)), clamp_to_byte(y + ((-6472 * u - 9519 * v + kHalf) >> 14)),
          clamp_to_byte(y + ((33292 * u + kHalf) >> 14))};
}

void store(Bytes colour, uint8_t* pixel) {
  pixel[0] = colour.c0;
  pixel[1] = colour.c1;
  pixel[2] = colour.c2;
}

}  // namespace

void rgb_to_yuv(std::span<const uint8_t> rgb, std::span<uint8_t> yuv) {
  check_sizes("rgb_to_yuv", rgb.size(), yuv.size());
  for (size_t i = 0; i < rgb.size(); i += 3) store(to_yuv(rgb[i], rgb[i + 1], rgb[i + 2]), &yuv[i]);
}

void rgb_to_yuv(std::span<const double> rgb, std::span<double> yuv) {
  check_sizes("rgb_to_yuv", rgb.size(), yuv.size());
  for (size_t i = 0; i < rgb.size(); i += 3) {
    double r = rgb[i], g = rgb[i + 1], b = rgb[i + 2];
    double y = 0.299 * r + 0.587 * g + 0.114 * b;
    yuv[i] = y;
    yuv[i + 1] = 0.492 * (b - y) + 0.5;
    yuv[i + 2] = 0.877 * (r - y) + 0.5;
  }
}

void yuv_to_rgb(std::span<const uint8_t> yuv, std::span<uint8_t> rgb) {
  check_sizes("yuv_to_rgb", yuv.size(), rgb.size());
  for (size_t i = 0; i < yuv.size(); i += 3) store(to_rgb(yuv[i], yuv[i + 1], yuv[i + 2]), &rgb[i]);
}

void yuv_to_rgb(std::span<const double> yuv, std::span<double> rgb) {
  check_sizes("yuv_to_rgb", yuv.size(), rgb.size());
  for (size_t i = 0; i < yuv.size(); i += 3) {
    double y = yuv[i], u = yuv[i + 1] - 0.5, v = yuv[i + 2] - 0.5;
    rgb[i] = y + 1.14 * v;
    rgb[i + 1] = y - 0.395 * u - 0.581 * v;
    rgb[i + 2] = y + 2.032 * u;
  }
}

void chroma_merge(std::span<const uint8_t> original, std::span<const uint8_t> colour, std::span<uint8_t> rgb) {
  check_sizes("chroma_merge", original.size(), colour.size());
  check_sizes("chroma_merge", original.size(), rgb.size());
  for (size_t i = 0; i < rgb.size(); i += 3) {
    Bytes luma = to_yuv(original[i], original[i + 1], original[i + 2]);
    Bytes chroma = to_yuv(colour[i], colour[i + 1], colour[i + 2]);
    store(to_rgb(luma.c0, chroma.c1, chroma.c2), &rgb[i]);
  }
}

}  // namespace cuunet
