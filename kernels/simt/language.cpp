#include "kernels/simt/language.h"

#include "kernels/device/error.h"

namespace cuunet::simt {

void require_shuffle(const char* name, unsigned lanes, int width, Place place) {
  unsigned group = static_cast<unsigned>(width);
  if (std::has_single_bit(group) && group <= 32 && lanes < 32) return;
  fail_at(place, fmt::format("{} over {} lanes in groups of {}; a group has 1, 2, 4, 8, 16 or 32 lanes", name,
                             static_cast<int>(lanes), width)
                     .c_str());
}

void compute_shuffle(void* const* arguments, uint32_t mask) {
  for (int lane = 0; lane < 32; ++lane) {
    if (!(mask >> lane & 1)) continue;
    Shuffle& mine = *static_cast<Shuffle*>(arguments[lane]);
    if (!(mask >> mine.source & 1)) {
      fail_at(mine.place, fmt::format("lane {} reads lane {}, which takes no part in the shuffle with mask {:#010x}",
                                      lane, mine.source, mask)
                              .c_str());
    }
    mine.out = static_cast<const Shuffle*>(arguments[mine.source])->in;
  }
}

void compute_ballot(void* const* arguments, uint32_t mask) {
  unsigned ballot = 0;
  for (int lane = 0; lane < 32; ++lane) {
    if (mask >> lane & 1) ballot |= *static_cast<const unsigned*>(arguments[lane]) << lane;
  }
  for (int lane = 0; lane < 32; ++lane) {
    if (mask >> lane & 1) *static_cast<unsigned*>(arguments[lane]) = ballot;
  }
}

void compute_nothing(void* const*, uint32_t) {}

}  // namespace cuunet::simt
