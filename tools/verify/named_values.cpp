#include "tools/verify/named_values.h"

#include "kernels/device/error.h"

#include <cmath>
#include <functional>
#include <numeric>
#include <regex>

namespace cuunet {

namespace {

uint64_t fnv1a(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001B3u;
  return hash;
}

uint64_t splitmix64(uint64_t x) {
  uint64_t z = x + 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

using Values = std::vector<float>;

Values scaled(Values u, float scale) {
  for (float& x : u) x = scale * x;
  return u;
}

Values scaled_and_shifted(Values u, float shift, float scale) {
  for (float& x : u) {
    float product = scale * x;
    x = shift + product;
  }
  return u;
}

Values unit_length(Values u) {
  double squares = 0;
  for (float x : u) squares += static_cast<double>(x) * x;
  double norm = std::sqrt(squares);
  for (float& x : u) x = static_cast<float>(x / norm);
  return u;
}

Values constant(const Values& u, float value) { return Values(u.size(), value); }

std::regex pattern_of(std::string_view words) {
  std::string pattern;
  for (char c : words) {
    if (c == '#')
      pattern += R"(([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?))";
    else if (std::string_view("()*+?.").find(c) != std::string_view::npos)
      pattern += std::string("\\") + c;
    else
      pattern += c;
  }
  return std::regex(pattern);
}

// One form of a transform: its words, with "#" where a number stands, and what it does with those numbers.
struct Form {
  Form(const char* words, std::function<Values(Values, std::span<const float>)> function)
      : pattern(pattern_of(words)), apply(std::move(function)) {}
  std::regex pattern;
  std::function<Values(Values, std::span<const float>)> apply;
};

Values bytes(Values u) {
  for (float& x : u) x = std::floor(128.0f * (x + 1.0f));
  return u;
}

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {"uniform", [](Values u, auto) { return u; }},
      {"#*uniform", [](Values u, auto n) { return scaled(std::move(u), n[0]); }},
      {"#+#*uniform", [](Values u, auto n) { return scaled_and_shifted(std::move(u), n[0], n[1]); }},
      {"floor(#*uniform)/#",
       [](Values u, auto n) {
         for (float& x : u) x = std::floor(n[0] * x) / n[1];
         return u;
       }},
      {"max(uniform,0)",
       [](Values u, auto) {
         for (float& x : u) x = std::max(x, 0.0f);
         return u;
       }},
      {"uniform<#?#:#",
       [](Values u, auto n) {
         for (float& x : u) x = x < n[0] ? n[1] : n[2];
         return u;
       }},
      {"#whereuniform>=#,else#",
       [](Values u, auto n) {
         for (float& x : u) x = x >= n[1] ? n[0] : n[2];
         return u;
       }},
      {"constant#", [](Values u, auto n) { return constant(u, n[0]); }},
      {"unit(uniform)", [](Values u, auto) { return unit_length(std::move(u)); }},
      {"byte(uniform)", [](Values u, auto) { return bytes(std::move(u)); }},
      {"floor(128*(uniform+1))", [](Values u, auto) { return bytes(std::move(u)); }},
      {"floor(128*(1+uniform))", [](Values u, auto) { return bytes(std::move(u)); }},
  };
  return all;
}

// The words without spaces, the "uint8:" in front and the remarks behind (" computed in float64, HWC, …").
std::string essence_of(std::string_view transform) {
  std::string text(transform.substr(0, transform.find(" computed in ")));
  if (text.starts_with("uint8:")) text.erase(0, 6);
  std::erase(text, ' ');
  return text;
}

}  // namespace

Values uniform_values(std::string_view key, int64_t count, int64_t salt) {
  uint64_t hash = fnv1a(fmt::format("{}/{}", salt, key));
  Values values(static_cast<size_t>(count));
  for (size_t j = 0; j < values.size(); ++j) {
    values[j] = static_cast<float>(splitmix64(hash + j) >> 40) * 0x1p-23f - 1.0f;
  }
  return values;
}

Values parameter_values(std::string_view name, std::span<const int64_t> shape, int64_t salt) {
  int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  Values u = uniform_values(name, count, salt);
  std::string_view last = name.substr(name.rfind('.') + 1);
  if (last == "running_mean") return scaled(std::move(u), 0.1f);
  if (last == "running_var" || last == "weight_g") return scaled_and_shifted(std::move(u), 1.0f, 0.25f);
  if (last == "num_batches_tracked") return constant(u, 0.0f);
  if ((last == "weight_u" || last == "weight_v") && shape.size() == 1) return unit_length(std::move(u));
  if (last == "gamma") return scaled_and_shifted(std::move(u), 0.5f, 0.25f);
  if (shape.size() >= 2) {
    double fan_in = static_cast<double>(count) / static_cast<double>(shape[0]);
    return scaled(std::move(u), static_cast<float>(std::sqrt(3.0 / fan_in)));
  }
  if (last == "weight" && shape.size() == 1) return scaled_and_shifted(std::move(u), 1.0f, 0.25f);
  return scaled(std::move(u), 0.1f);
}

Values input_values(std::string_view key, std::string_view transform, int64_t count, int64_t salt) {
  std::string text = essence_of(transform);
  for (const Form& form : forms()) {
    std::smatch match;
    if (!std::regex_match(text, match, form.pattern)) continue;
    std::vector<float> numbers;
    for (size_t i = 1; i < match.size(); ++i) numbers.push_back(std::stof(match[i]));
    return form.apply(uniform_values(key, count, salt), numbers);
  }
  throw Error("{}: unknown transform '{}'; expected one like 'a + b*uniform'", key, transform);
}

std::array<double, 3> probes_of(std::string_view key, std::span<const double> values, int64_t salt) {
  Values weights = uniform_values(fmt::format("probe/{}", key), static_cast<int64_t>(values.size()), salt);
  double sum = 0, squares = 0, dot = 0;
  for (size_t j = 0; j < values.size(); ++j) {
    sum += values[j];
    squares += values[j] * values[j];
    dot += values[j] * weights[j];
  }
  return {sum, std::sqrt(squares), dot};
}

}  // namespace cuunet
