// Colour conversions and measures of pictures, [H, W, 3] RGB. The measures and float conversions are in double.
#include "engine/io/crc32.h"
#include "kernels/device/error.h"
#include "kernels/image/ciede2000.h"
#include "kernels/image/grey.h"
#include "kernels/image/lab.h"
#include "kernels/image/quality.h"
#include "kernels/image/yuv.h"
#include "tools/verify/operators/operators.h"

#include <algorithm>

namespace cuunet {
namespace {

using Bytes = std::vector<uint8_t>;
using Doubles = std::vector<double>;

Bytes bytes_of(const CaseRun& run, const std::string& name) {
  std::vector<float> values = run.values(name);
  return {values.begin(), values.end()};
}

Doubles doubles_of(const CaseRun& run, const std::string& name) {
  std::vector<float> values = run.values(name);
  return {values.begin(), values.end()};
}

void output(CaseRun& run, const std::string& name, const Bytes& found) {
  run.output(name, Doubles(found.begin(), found.end()));
}

bool is_kind(const CaseRun& run, const char* kind) { return run.config<std::string>("kind", "float") == kind; }
bool eight_bit(const CaseRun& run) { return is_kind(run, "8-bit"); }

// Converts all 2^24 colours, red slowest, 65536 at a time, and compares the case's scalars of an output: per channel
// the sum and the sum of value · (index mod 9973), and the CRC-32 of all its bytes.
template <class Convert>
void compare_cube(CaseRun& run, const std::string& name, size_t channels, const Convert& convert) {
  constexpr size_t slab = 65536;
  Bytes colours(slab * 3), out(slab * channels);
  std::vector<int64_t> sum(channels), weighted(channels);
  uint32_t crc = 0;
  for (size_t red = 0; red < 256; ++red) {
    for (size_t i = 0; i < slab; ++i) {
      colours[3 * i] = static_cast<uint8_t>(red);
      colours[3 * i + 1] = static_cast<uint8_t>(i >> 8);
      colours[3 * i + 2] = static_cast<uint8_t>(i);
    }
    convert(std::span<const uint8_t>(colours), std::span<uint8_t>(out));
    for (size_t i = 0; i < out.size(); ++i) {
      auto index = static_cast<int64_t>(red * slab + i / channels);
      sum[i % channels] += out[i];
      weighted[i % channels] += out[i] * (index % 9973);
    }
    crc = crc32(std::as_bytes(std::span(out)), crc);
  }
  const nlohmann::json& expected = run.definition().json().at("scalars").at(name);
  for (size_t channel = 0; channel < channels; ++channel) {
    run.exactly(name, static_cast<double>(sum[channel]), expected.at("sum").at(channel));
    run.exactly(name, static_cast<double>(weighted[channel]), expected.at("weighted_sum").at(channel));
  }
  run.exactly(name, static_cast<double>(crc), expected.at("crc32_of_bytes"));
}

// image and clamp(image + noise, 0, 1).
struct NoisyPair {
  Doubles image, noisy;

  explicit NoisyPair(const CaseRun& run) : image(doubles_of(run, "image")), noisy(doubles_of(run, "noise")) {
    for (size_t i = 0; i < image.size(); ++i) noisy[i] = std::clamp(image[i] + noisy[i], 0.0, 1.0);
  }
};

template <class Convert>
void run_conversion(CaseRun& run, const std::string& name, const Convert& convert) {
  if (is_kind(run, "8-bit cube")) {
    compare_cube(run, name, 3, convert);
  } else if (eight_bit(run)) {
    Bytes in = bytes_of(run, "image"), out(in.size());
    convert(std::span<const uint8_t>(in), std::span<uint8_t>(out));
    output(run, name, out);
  } else {
    Doubles in = doubles_of(run, "image"), out(in.size());
    convert(std::span<const double>(in), std::span<double>(out));
    run.output(name, out);
  }
}

}  // namespace

void run_rgb_to_grey(CaseRun& run) {
  if (is_kind(run, "8-bit cube")) {
    compare_cube(run, "pil", 1, [](auto in, auto out) { rgb_to_grey(in, out, GreyFormula::pil); });
    compare_cube(run, "opencv", 1, [](auto in, auto out) { rgb_to_grey(in, out, GreyFormula::opencv); });
    return;
  }
  if (!eight_bit(run)) {
    Doubles rgb = doubles_of(run, "image"), grey(rgb.size() / 3);
    rgb_to_grey(rgb, grey);
    return run.output("grey", grey);
  }
  Bytes rgb = bytes_of(run, "image"), grey(rgb.size() / 3);
  rgb_to_grey(rgb, grey, GreyFormula::pil);
  output(run, "pil", grey);
  rgb_to_grey(rgb, grey, GreyFormula::opencv);
  output(run, "opencv", grey);
}

void run_rgb_to_yuv(CaseRun& run) {
  run_conversion(run, "yuv", [](auto in, auto out) { rgb_to_yuv(in, out); });
}

void run_yuv_to_rgb(CaseRun& run) {
  run_conversion(run, "rgb", [](auto in, auto out) { yuv_to_rgb(in, out); });
}

void run_chroma_merge(CaseRun& run) {
  Bytes original = bytes_of(run, "original"), rgb(original.size());
  chroma_merge(original, bytes_of(run, "colour"), rgb);
  output(run, "rgb", rgb);
}

void run_rgb_to_lab(CaseRun& run) {
  Doubles lab(run.values("image").size());
  if (eight_bit(run))
    rgb_to_lab(bytes_of(run, "image"), lab);
  else
    rgb_to_lab(doubles_of(run, "image"), lab);
  run.output("lab", lab);
}

void run_ciede2000(CaseRun& run) {
  if (run.has_input("image")) {
    NoisyPair pair(run);
    return run.output("mean_delta_e", Doubles{mean_ciede2000(pair.image, pair.noisy)});
  }
  Doubles differences;
  if (run.has_input("pairs")) {
    Doubles p = doubles_of(run, "pairs");
    for (size_t i = 0; i < p.size(); i += 6) {
      differences.push_back(ciede2000({p[i], p[i + 1], p[i + 2]}, {p[i + 3], p[i + 4], p[i + 5]}));
    }
  } else {
    Doubles L1 = doubles_of(run, "L1"), a1 = doubles_of(run, "a1"), b1 = doubles_of(run, "b1");
    Doubles L2 = doubles_of(run, "L2"), a2 = doubles_of(run, "a2"), b2 = doubles_of(run, "b2");
    for (size_t i = 0; i < L1.size(); ++i) {
      differences.push_back(ciede2000({L1[i], a1[i], b1[i]}, {L2[i], a2[i], b2[i]}));
    }
  }
  run.output("delta_e", differences);
}

void run_psnr(CaseRun& run) {
  NoisyPair pair(run);
  run.output("psnr", Doubles{psnr(pair.image, pair.noisy)});
}

void run_ssim(CaseRun& run) {
  NoisyPair pair(run);
  std::vector<int64_t> shape = run.definition().input_shape("image");
  SsimOptions options{.use_sample_covariance = run.config<bool>("use_sample_covariance")};
  Ssim found = ssim(pair.image, pair.noisy, shape[0], shape[1], options);
  run.output("ssim", Doubles{found.mean});
  run.output("ssim_per_channel", found.per_channel);
}

}  // namespace cuunet
