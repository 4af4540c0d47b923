// Packs of channels: what lies beyond the channels reads as zero, what lies beyond the lanes is left alone.
#include "kernels/device/storage.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cuunet::simt {
namespace {

template <class T>
struct alignas(16) Row {
  T element[24];
  explicit Row(float scale) {
    for (int i = 0; i < 24; ++i) element[i] = from_float<T>(scale * static_cast<float>(i + 1));
  }
};

template <class T, int pack>
void check_channels() {
  for (int channels : {3, 8, 11, 16}) {
    for (int first = 0; first + pack <= 24; first += pack) {
      CAPTURE(channels);
      CAPTURE(first);
      Row<T> row(1);
      float values[pack];
      load_channels<pack>(row.element, first, channels, values);
      for (int e = 0; e < pack; ++e) {
        CHECK(values[e] == (first + e < channels ? static_cast<float>(first + e + 1) : 0.0f));
      }
      Row<T> written(-1);
      int lanes = channels + 2;
      for (float& value : values) value = 7;
      store_channels<pack>(written.element, first, channels, lanes, values);
      for (int i = 0; i < 24; ++i) {
        bool mine = i >= first && i < first + pack && i < lanes;
        float expected = !mine ? -static_cast<float>(i + 1) : i < channels ? 7.0f : 0.0f;
        CHECK(to_float(written.element[i]) == expected);
      }
    }
  }
}

TEST_CASE("storage: channels by packs and one by one") {
  check_channels<float, 1>();
  check_channels<float, 4>();
  check_channels<bfloat16, 1>();
  check_channels<bfloat16, 8>();
}

TEST_CASE("storage: f32 to bf16 rounds to nearest, ties to even, alone and in packs") {
  const float values[8] = {1.0f + 0x1p-8f, 1.0f + 0x3p-8f, -1.0f - 0x1p-8f, 1.0f + 0x1.1p-8f,
                           0x1p-133f,      INFINITY,       3.0e38f,         -0.0f};
  const float rounded[8] = {1.0f, 1.0f + 0x1p-6f, -1.0f, 1.0f + 0x1p-7f, 0x1p-133f, INFINITY, 0x1.C4p127f, -0.0f};
  alignas(16) bfloat16 row[8];
  store_pack(row, values);
  for (int e = 0; e < 8; ++e) {
    CAPTURE(e);
    CHECK(to_float(row[e]) == rounded[e]);
    CHECK(to_float(from_float<bfloat16>(values[e])) == rounded[e]);
  }
  CHECK(std::isnan(to_float(from_float<bfloat16>(std::nanf("")))));
}

}  // namespace
}  // namespace cuunet::simt
