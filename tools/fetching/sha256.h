// SHA-256 (FIPS 180-4). The numbers of sha256sum.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace cuunet {

class Sha256 {
 public:
  void add(std::span<const std::byte> bytes);
  std::string hex();  // 64 digits; after it nothing can be added

 private:
  void take_block(const std::byte* block);

  std::array<uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> waiting_{};
  uint64_t length_ = 0;  // bytes
};

// FileError: what cannot be read.
std::string sha256_of(const std::filesystem::path& file);

}  // namespace cuunet
