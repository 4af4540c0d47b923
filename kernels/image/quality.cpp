#include "kernels/image/quality.h"

#include "kernels/device/error.h"

#include <cmath>
#include <limits>
#include <vector>

namespace cuunet {

namespace {

// Values of a picture in 0 … 1.
struct UnitDouble {
  std::span<const double> values;
  size_t size() const { return values.size(); }
  double operator[](size_t i) const { return values[i]; }
};
struct UnitByte {
  std::span<const uint8_t> values;
  size_t size() const { return values.size(); }
  double operator[](size_t i) const { return values[i] / 255.0; }
};

template <class Picture>
double psnr_of(Picture a, Picture b) {
  if (a.size() != b.size() || a.size() == 0) {
    throw ShapeError("psnr: expected two pictures of one size, got {} and {} values", a.size(), b.size());
  }
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  if (sum == 0) return std::numeric_limits<double>::infinity();
  return -10 * std::log10(sum / static_cast<double>(a.size()));
}

constexpr size_t kTaps = static_cast<size_t>(kSsimWindow), kRadius = kTaps / 2;

std::array<double, kTaps> gaussian_window() {
  std::array<double, kTaps> taps;
  double sum = 0;
  for (size_t i = 0; i < kTaps; ++i) {
    double x = (static_cast<double>(i) - static_cast<double>(kRadius)) / 1.5;
    taps[i] = std::exp(-0.5 * x * x);
    sum += taps[i];
  }
  for (double& tap : taps) tap /= sum;
  return taps;
}

// Means under the window: of x, y, x², y² and xy.
struct Moments {
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;

  void add(double weight, const Moments& m) {
    x += weight * m.x;
    y += weight * m.y;
    xx += weight * m.xx;
    yy += weight * m.yy;
    xy += weight * m.xy;
  }
};

double similarity(const Moments& m, double k) {
  constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;
  double vx = k * (m.xx - m.x * m.x), vy = k * (m.yy - m.y * m.y), vxy = k * (m.xy - m.x * m.y);
  return (2 * m.x * m.y + kC1) * (2 * vxy + kC2) / ((m.x * m.x + m.y * m.y + kC1) * (vx + vy + kC2));
}

// One channel, a row of windows at a time: first down the columns, then along the row.
template <class Picture>
double ssim_of_channel(Picture a, Picture b, size_t height, size_t width, size_t channel, double k) {
  static const std::array<double, kTaps> taps = gaussian_window();
  std::vector<Moments> columns(width);
  double sum = 0;
  for (size_t top = 0; top + kTaps <= height; ++top) {
    columns.assign(width, {});
    for (size_t i = 0; i < kTaps; ++i) {
      for (size_t x = 0; x < width; ++x) {
        size_t at = 3 * ((top + i) * width + x) + channel;
        double va = a[at], vb = b[at];
        columns[x].add(taps[i], {va, vb, va * va, vb * vb, va * vb});
      }
    }
    for (size_t left = 0; left + kTaps <= width; ++left) {
      Moments window;
      for (size_t i = 0; i < kTaps; ++i) window.add(taps[i], columns[left + i]);
      sum += similarity(window, k);
    }
  }
  return sum / static_cast<double>((height - kTaps + 1) * (width - kTaps + 1));
}

template <class Picture>
Ssim ssim_of(Picture a, Picture b, int64_t height, int64_t width, const SsimOptions& options) {
  if (height < kSsimWindow || width < kSsimWindow) {
    throw ShapeError("ssim: expected sides of at least {}, got {} x {}", kSsimWindow, height, width);
  }
  size_t h = static_cast<size_t>(height), w = static_cast<size_t>(width);
  if (a.size() != 3 * h * w || b.size() != 3 * h * w) {
    throw ShapeError("ssim: expected {} x {} x 3 values, got {} and {}", height, width, a.size(), b.size());
  }
  constexpr double kCount = static_cast<double>(kTaps * kTaps);
  double k = options.use_sample_covariance ? kCount / (kCount - 1) : 1.0;
  Ssim result{};
  for (size_t c = 0; c < 3; ++c) result.per_channel[c] = ssim_of_channel(a, b, h, w, c, k);
  result.mean = (result.per_channel[0] + result.per_channel[1] + result.per_channel[2]) / 3;
  return result;
}

template <class Picture>
double colourfulness_of(Picture rgb) {
  if (rgb.size() == 0 || rgb.size() % 3 != 0) {
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

}  // namespace

double psnr(std::span<const double> a, std::span<const double> b) { return psnr_of(UnitDouble{a}, UnitDouble{b}); }
double psnr(std::span<const uint8_t> a, std::span<const uint8_t> b) { return psnr_of(UnitByte{a}, UnitByte{b}); }

Ssim ssim(std::span<const double> a, std::span<const double> b, int64_t height, int64_t width,
          const SsimOptions& options) {
  return ssim_of(UnitDouble{a}, UnitDouble{b}, height, width, options);
}
Ssim ssim(std::span<const uint8_t> a, std::span<const uint8_t> b, int64_t height, int64_t width,
          const SsimOptions& options) {
  return ssim_of(UnitByte{a}, UnitByte{b}, height, width, options);
}

double colourfulness(std::span<const double> rgb) { return colourfulness_of(UnitDouble{rgb}); }
double colourfulness(std::span<const uint8_t> rgb) { return colourfulness_of(UnitByte{rgb}); }

}  // namespace cuunet
