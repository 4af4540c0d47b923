// Writes what every probe gives on this build's device, and compares it with a file written before.
// usage: intrinsics_simt|intrinsics_cuda OUT.json [EXPECTED.json]
#include "kernels/device/dtype.h"
#include "kernels/device/error.h"
#include "tests/kernels/simt/intrinsics/probes.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

constexpr uint64_t seed = 20;

std::vector<uint32_t> inputs_of(const Probe& probe, uint32_t number) {
  RandomStream random(seed, Purpose::features, number);
  std::vector<uint32_t> words;
  for (int i = 0; i < probe.threads * probe.inputs; ++i) words.push_back(probe.draw(random, i % probe.inputs));
  return words;
}

// One line of hexadecimal words per thread.
nlohmann::ordered_json to_json(const Probe& probe, const std::vector<uint32_t>& words) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (int thread = 0; thread < probe.threads; ++thread) {
    std::string line;
    for (int i = 0; i < probe.outputs; ++i)
      line += fmt::format("{}{:08x}", i == 0 ? "" : " ", words[static_cast<size_t>(thread * probe.outputs + i)]);
    lines.push_back(line);
  }
  return lines;
}

std::vector<uint32_t> from_json(const Probe& probe, const nlohmann::ordered_json& file) {
  std::vector<uint32_t> words;
  for (const auto& line : file.value(probe.name, nlohmann::ordered_json::array())) {
    std::istringstream text(line.get<std::string>());
    for (uint32_t word; text >> std::hex >> word;) words.push_back(word);
  }
  return words;
}

bool agree(const Results& results, uint32_t got, uint32_t expected) {
  if (results.kind == Results::bits) return got == expected;
  int shift = results.kind == Results::bf16 ? 16 : 0;
  float a = std::bit_cast<float>(got << shift), b = std::bit_cast<float>(expected << shift);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (a == b) return true;
  return std::fabs(double{a} - b) <= results.absolute + results.ulps * 0x1p-23 * std::fabs(b);
}

// Prints a line, and one more where the first difference is.
bool compare(const Probe& probe, const std::vector<uint32_t>& got, const std::vector<uint32_t>& expected) {
  if (got.size() != expected.size()) {
    fmt::print("{:<24} FAIL: expected {} words, got {}\n", probe.name, expected.size(), got.size());
    return false;
  }
  size_t wrong = 0, first = 0, same_bits = 0;
  for (size_t i = got.size(); i-- > 0;) {
    same_bits += got[i] == expected[i];
    if (!agree(probe.results, got[i], expected[i])) ++wrong, first = i;
  }
  fmt::print("{:<24} {:>5} words, {:>5} of the same bits  {}\n", probe.name, got.size(), same_bits,
             wrong == 0 ? "pass" : "FAIL");
  if (wrong == 0) return true;
  auto words = static_cast<size_t>(probe.outputs);
  fmt::print("    {} differ, first thread {}, word {}: expected {:08x}, got {:08x}\n", wrong, first / words,
             first % words, expected[first], got[first]);
  return false;
}

bool run_all(const char* out, const char* expected_file) {
  nlohmann::ordered_json result, expected;
  if (expected_file != nullptr) {
    std::ifstream file(expected_file);
    if (!file) throw FileError("{}: cannot be read", expected_file);
    expected = nlohmann::ordered_json::parse(file);
  }
  bool passed = true;
  uint32_t number = 0;
  for (const Probe& probe : probes()) {
    std::vector<uint32_t> words = run(probe, inputs_of(probe, number++));
    result[probe.name] = to_json(probe, words);
    if (expected_file != nullptr) passed = compare(probe, words, from_json(probe, expected)) && passed;
  }
  std::ofstream file(out);
  file << result.dump(1) << "\n";
  if (!file.flush()) throw FileError("{}: cannot be written", out);
  return passed;
}

}  // namespace
}  // namespace cuunet

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "usage: {} OUT.json [EXPECTED.json]\n", argv[0]);
    return 2;
  }
  try {
    return cuunet::run_all(argv[1], argc == 3 ? argv[2] : nullptr) ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: error: {}\n", argv[0], error.what());
    return 1;
  }
}
