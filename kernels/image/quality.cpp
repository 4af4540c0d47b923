#include "kernels/image/quality.h"

#include "kernels/device/error.h"

#include <cmath>
#include <limits>
#include <vector>

namespace cuunet {

namespace {

std::vector<double> unit_values(std::span<const uint8_t> bytes) {
  std::vector<double> values(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) values[i] = bytes[i] / 255.0;
  return values;
}

constexpr int64_t kRadius = kSsimWindow / 2;

std::array<double, kSsimWindow> gaussian_window() {
  std::array<double, kSsimWindow> taps;
  double sum = 0;
  for (int64_t i = 0; i < kSsimWindow; ++i) {
    double x = static_cast<double>(i - kRadius) / 1.5;
    taps[static_cast<size_t>(i)] = std::exp(-0.5 * x * x);
    sum += taps[static_cast<size_t>(i)];
  }
  for (double& tap : taps) tap /= sum;
  return taps;
}

// The window's mean at every pixel at least kRadius from each border: [H, W] -> [H - 10, W - 10].
std::vector<double> window_mean(const std::vector<double>& plane, int64_t height, int64_t width) {
  static const std::array<double, kSsimWindow> taps = gaussian_window();
  int64_t inner_height = height - 2 * kRadius, inner_width = width - 2 * kRadius;
  std::vector<double> rows(static_cast<size_t>(inner_height * width));
  std::vector<double> mean(static_cast<size_t>(inner_height * inner_width));
  for (int64_t y = 0; y < inner_height; ++y) {
    for (int64_t i = 0; i < kSsimWindow; ++i) {
      const double* source = plane.data() + (y + i) * width;
      double* target = rows.data() + y * width;
      for (int64_t x = 0; x < width; ++x) target[x] += taps[static_cast<size_t>(i)] * source[x];
    }
    for (int64_t i = 0; i < kSsimWindow; ++i) {
      const double* source = rows.data() + y * width + i;
      double* target = mean.data() + y * inner_width;
      for (int64_t x = 0; x < inner_width; ++x) target[x] += taps[static_cast<size_t>(i)] * source[x];
    }
  }
  return mean;
}

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> values(a.size());
  for (size_t i = 0; i < a.size(); ++i) values[i] = a[i] * b[i];
  return values;
}

std::vector<double> channel(std::span<const double> picture, size_t c) {
  std::vector<double> plane(picture.size() / 3);
  for (size_t i = 0; i < plane.size(); ++i) plane[i] = picture[3 * i + c];
  return plane;
}

double ssim_of_planes(const std::vector<double>& a, const std::vector<double>& b, int64_t height, int64_t width,
                      const SsimOptions& options) {
  constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;
  constexpr double kCount = kSsimWindow * kSsimWindow;
  double k = options.use_sample_covariance ? kCount / (kCount - 1) : 1.0;
  auto mean = [=](const std::vector<double>& plane) { return window_mean(plane, height, width); };
  std::vector<double> ux = mean(a), uy = mean(b), uxx = mean(product(a, a)), uyy = mean(product(b, b)),
                      uxy = mean(product(a, b));
  double sum = 0;
  for (size_t i = 0; i < ux.size(); ++i) {
    double vx = k * (uxx[i] - ux[i] * ux[i]), vy = k * (uyy[i] - uy[i] * uy[i]), vxy = k * (uxy[i] - ux[i] * uy[i]);
    sum += (2 * ux[i] * uy[i] + kC1) * (2 * vxy + kC2) / ((ux[i] * ux[i] + uy[i] * uy[i] + kC1) * (vx + vy + kC2));
  }
  return sum / static_cast<double>(ux.size());
}

}  // namespace

double psnr(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size() || a.empty()) {
    throw ShapeError("psnr: expected two pictures of one size, got {} and {} values", a.size(), b.size());
  }
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  if (sum == 0) return std::numeric_limits<double>::infinity();
  return -10 * std::log10(sum / static_cast<double>(a.size()));
}

double psnr(std::span<const uint8_t> a, std::span<const uint8_t> b) { return psnr(unit_values(a), unit_values(b)); }

Ssim ssim(std::span<const double> a, std::span<const double> b, int64_t height, int64_t width,
          const SsimOptions& options) {
  if (height < kSsimWindow || width < kSsimWindow) {
    throw ShapeError("ssim: expected sides of at least {}, got {} x {}", kSsimWindow, height, width);
  }
  size_t expected = static_cast<size_t>(height * width * 3);
  if (a.size() != expected || b.size() != expected) {
    throw ShapeError("ssim: expected {} x {} x 3 values, got {} and {}", height, width, a.size(), b.size());
  }
  Ssim result{};
  for (size_t c = 0; c < 3; ++c) {
    result.per_channel[c] = ssim_of_planes(channel(a, c), channel(b, c), height, width, options);
  }
  result.mean = (result.per_channel[0] + result.per_channel[1] + result.per_channel[2]) / 3;
  return result;
}

Ssim ssim(std::span<const uint8_t> a, std::span<const uint8_t> b, int64_t height, int64_t width,
          const SsimOptions& options) {
  return ssim(unit_values(a), unit_values(b), height, width, options);
}

double colourfulness(std::span<const double> rgb) {
  if (rgb.empty() || rgb.size() % 3 != 0) {
    throw ShapeError("colourfulness: expected 3 values per pixel, got {} values", rgb.size());
  }
  double count = static_cast<double>(rgb.size()) / 3, mean_rg = 0, mean_yb = 0, var_rg = 0, var_yb = 0;
  auto rg = [&](size_t i) { return 255 * (rgb[i] - rgb[i + 1]); };
  auto yb = [&](size_t i) { return 255 * ((rgb[i] + rgb[i + 1]) / 2 - rgb[i + 2]); };
  for (size_t i = 0; i < rgb.size(); i += 3) {
    mean_rg += rg(i) / count;
    mean_yb += yb(i) / count;
  }
  for (size_t i = 0; i < rgb.size(); i += 3) {
    var_rg += (rg(i) - mean_rg) * (rg(i) - mean_rg) / count;
    var_yb += (yb(i) - mean_yb) * (yb(i) - mean_yb) / count;
  }
  return std::sqrt(var_rg + var_yb) + 0.3 * std::sqrt(mean_rg * mean_rg + mean_yb * mean_yb);
}

double colourfulness(std::span<const uint8_t> rgb) { return colourfulness(unit_values(rgb)); }

}  // namespace cuunet
