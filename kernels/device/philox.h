// Philox 4x32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC
// 2011). A draw is a function of its name, so that any draw can be repeated and no draw depends on which thread made
// it.
#pragma once

#include "kernels/device/host_device.h"

#include <array>
#include <cstdint>

namespace cuunet {

// What a stream of random numbers is for; a part of every draw's name.
enum class Purpose : uint32_t { initialisation, shuffle, augmentation, dropout, split, scenes, features };

struct Philox {
  uint32_t key[2];

  CUUNET_HOST_DEVICE explicit Philox(uint64_t seed)
      : key{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)} {}

  struct Block {
    uint32_t word[4];
  };

  // One of the ten rounds; next_key() goes between them.
  CUUNET_HOST_DEVICE void round(uint32_t& c0, uint32_t& c1, uint32_t& c2, uint32_t& c3) const {
    uint64_t p0 = uint64_t{0xD2511F53u} * c0, p1 = uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ key[0];
    c1 = static_cast<uint32_t>(p1);
    c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ key[1];
    c3 = static_cast<uint32_t>(p0);
  }
  CUUNET_HOST_DEVICE void next_key() {
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }

  // The four random words at a counter.
  CUUNET_HOST_DEVICE Block operator()(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3) const {
    Philox philox = *this;
    for (int i = 0; i < 10; ++i) {
      philox.round(c0, c1, c2, c3);
      philox.next_key();
    }
    return {{c0, c1, c2, c3}};
  }
};

// In [0, 1), 24 bits.
CUUNET_HOST_DEVICE inline float unit_float(uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

// A sequence of draws under one name: RandomStream(seed, Purpose::augmentation, epoch, image).
class RandomStream {
 public:
  RandomStream(uint64_t seed, Purpose purpose, uint32_t major = 0, uint32_t minor = 0)
      : philox_(seed), purpose_(static_cast<uint32_t>(purpose)), major_(major), minor_(minor) {}

  uint32_t word() {
    if (used_ == 4) {
      block_ = philox_(next_++, minor_, major_, purpose_);
      used_ = 0;
    }
    return block_.word[used_++];
  }
  double unit() { return ((uint64_t{word()} << 21) ^ (word() >> 11)) * 0x1p-53; }  // [0, 1)
  double uniform(double low, double high) { return low + (high - low) * unit(); }
  int64_t below(int64_t bound) { return static_cast<int64_t>(unit() * static_cast<double>(bound)); }
  double normal();  // N(0, 1), Box-Muller

 private:
  Philox philox_;
  uint32_t purpose_, major_, minor_, next_ = 0;
  Philox::Block block_{};
  int used_ = 4;
};

}  // namespace cuunet
