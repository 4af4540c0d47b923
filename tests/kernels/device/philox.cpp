// The generator against the published vectors, and what the streams make of it.
#include "kernels/device/philox.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cuunet {
namespace {

struct Vector {
  uint32_t counter[4], key[2], words[4];
};

// Random123 1.14, kat_vectors, philox4x32 of 10 rounds.
constexpr Vector vectors[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}},
    {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}},
    {{0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344},
     {0xA4093822, 0x299F31D0},
     {0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}},
};

TEST_CASE("philox: the published vectors") {
  for (const Vector& v : vectors) {
    Philox::Block block =
        Philox(v.key[0] | uint64_t{v.key[1]} << 32)(v.counter[0], v.counter[1], v.counter[2], v.counter[3]);
    for (int i = 0; i < 4; ++i) CHECK(block.word[i] == v.words[i]);
  }
}

TEST_CASE("philox: a stream is its counter's words in order, and every part of its name changes it") {
  RandomStream stream(5, Purpose::dropout, 7, 9);
  for (uint32_t block = 0; block < 3; ++block) {
    Philox::Block expected = Philox(5)(block, 9, 7, static_cast<uint32_t>(Purpose::dropout));
    for (uint32_t word : expected.word) CHECK(stream.word() == word);
  }
  uint32_t first = RandomStream(5, Purpose::dropout, 7, 9).word();
  CHECK(RandomStream(6, Purpose::dropout, 7, 9).word() != first);
  CHECK(RandomStream(5, Purpose::split, 7, 9).word() != first);
  CHECK(RandomStream(5, Purpose::dropout, 8, 9).word() != first);
  CHECK(RandomStream(5, Purpose::dropout, 7, 8).word() != first);
}

TEST_CASE("philox: units lie from 0 to below 1, normal draws have mean 0 and variance 1") {
  CHECK(unit_float(0) == 0);
  CHECK(unit_float(~0u) == 1 - 0x1p-24f);
  RandomStream units(1, Purpose::scenes), normals(2, Purpose::scenes);
  constexpr int count = 100000;
  double mean = 0, sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) {
    double unit = units.unit(), normal = normals.normal();
    CHECK_UNARY(unit >= 0 && unit < 1);
    mean += unit / count, sum += normal / count, squares += normal * normal / count;
  }
  // Four standard deviations of the means of 100,000: 0.29, 1 and 1.41 by 316.
  CHECK(std::fabs(mean - 0.5) < 4 * 0.29 / 316);
  CHECK(std::fabs(sum) < 4.0 / 316);
  CHECK(std::fabs(squares - 1) < 4 * 1.41 / 316);
}

}  // namespace
}  // namespace cuunet
