// Mistakes with __syncwarp, shuffles and votes.
#include "tests/kernels/simt/mistakes.h"

namespace cuunet::simt {
namespace {

constexpr unsigned low_half = 0x0000FFFFu, high_half = 0xFFFF0000u;

int lane() { return static_cast<int>(threadIdx.x % 32); }
void keep(auto value) { result[threadIdx.x] = static_cast<float>(value); }

struct Words {
  float word[64];
};

__global__ void syncwarp_in_branch() {
  if (lane() < 16) __syncwarp();
}
__global__ void syncwarp_left_out() { __syncwarp(low_half); }
__global__ void syncwarp_with_two_masks() { __syncwarp(lane() < 16 ? low_half : all_lanes); }
__global__ void syncwarp_at_two_lines() {
  if (lane() < 16)
    __syncwarp();
  else
    __syncwarp();
}
template <bool mistaken>
__global__ void exchange() {
  auto& shared = block_shared<Words>();
  shared.word[threadIdx.x] = static_cast<float>(lane());
  if (!mistaken) __syncwarp();
  keep(shared.word[threadIdx.x ^ 1]);
}

__global__ void shfl_in_branch() {
  if (lane() < 16) keep(__shfl_sync(all_lanes, 1, 0));
}
__global__ void shfl_from_outside() {
  if (lane() < 16) keep(__shfl_sync(low_half, lane(), 20));
}
__global__ void shfl_at_two_lines() {
  if (lane() % 2)
    keep(__shfl_sync(all_lanes, 1, 0));
  else
    keep(__shfl_sync(all_lanes, 2, 0));
}
__global__ void shfl_against_vote() {
  if (lane() % 2)
    keep(__shfl_sync(all_lanes, 1, 0));
  else
    keep(__any_sync(all_lanes, 1));
}
__global__ void shfl_after_return() {
  if (lane() == 9) return;
  keep(__shfl_sync(all_lanes, 1, 0));
}
__global__ void shfl_in_short_warp() { keep(__shfl_sync(all_lanes, 1, 0)); }
__global__ void shfl_in_groups_of_12() { keep(__shfl_sync(all_lanes, 1, 0, 12)); }
template <bool mistaken>
__global__ void first_of_eight() {
  keep(__shfl_sync(all_lanes, lane(), mistaken ? 1 : 0, 8));
}

__global__ void up_from_outside() {
  if (lane() >= 8) keep(__shfl_up_sync(0xFFFFFF00u, lane(), 8u));
}
__global__ void up_by_32() { keep(__shfl_up_sync(all_lanes, lane(), 32u)); }
__global__ void up_against_down() {
  keep(lane() < 16 ? __shfl_up_sync(all_lanes, lane(), 1u) : __shfl_down_sync(all_lanes, lane(), 1u));
}
// The first lanes get their own value back.
template <bool mistaken>
__global__ void running_sum() {
  int sum = 1;
  for (int lanes = 1; lanes < 32; lanes *= 2) {
    int before = __shfl_up_sync(all_lanes, sum, static_cast<unsigned>(lanes));
    if (mistaken || lane() >= lanes) sum += before;
  }
  keep(sum);
}

__global__ void down_from_outside() {
  if (lane() < 8) keep(__shfl_down_sync(0xFFu, lane(), 4u));
}
__global__ void down_in_branch() {
  if (lane() % 4 == 0) keep(__shfl_down_sync(all_lanes, lane(), 4u));
}
// Lane 0 alone has the whole sum.
template <bool mistaken>
__global__ void sum_downwards() {
  int sum = lane();
  for (unsigned lanes = 16; lanes > 0; lanes /= 2) sum += __shfl_down_sync(all_lanes, sum, lanes);
  keep(mistaken ? sum : __shfl_sync(all_lanes, sum, 0));
}

__global__ void xor_from_outside() {
  if (lane() < 16) keep(__shfl_xor_sync(low_half, lane(), 16));
}
__global__ void xor_by_32() { keep(__shfl_xor_sync(all_lanes, lane(), 32)); }
__global__ void xor_in_loop_of_some() {
  int sum = lane();
  for (int lanes = lane() < 16 ? 16 : 8; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(all_lanes, sum, lanes);
  keep(sum);
}
template <bool mistaken>
__global__ void butterfly_sum() {
  double sum = lane();
  for (int lanes = mistaken ? 8 : 16; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(all_lanes, sum, lanes);
  keep(sum);
}

__global__ void ballot_in_branch() {
  if (lane() > 3) keep(__ballot_sync(all_lanes, 1));
}
__global__ void ballot_left_out() { keep(__ballot_sync(lane() < 16 ? high_half : low_half, 1)); }
template <bool mistaken>
__global__ void voters() {
  unsigned mask = mistaken ? (lane() < 16 ? low_half : high_half) : all_lanes;
  keep(__popc(__ballot_sync(mask, lane() != 7)));
}

__global__ void any_with_masks_that_overlap() { keep(__any_sync(lane() < 16 ? low_half : 0xFFFF8000u, 1)); }
__global__ void any_after_return() {
  if (lane() > 29) return;
  keep(__any_sync(all_lanes, 1));
}
template <bool mistaken>
__global__ void any_of_half() {
  keep(__any_sync(lane() < 16 ? low_half : high_half, mistaken || lane() == 3));
}

__global__ void all_against_any() { keep(lane() < 4 ? __all_sync(all_lanes, 1) : __any_sync(all_lanes, 1)); }
__global__ void all_in_short_warp() { keep(__all_sync(all_lanes, 1)); }
__global__ void all_beside_barrier() {
  if (lane() % 2)
    __syncthreads();
  else
    keep(__all_sync(all_lanes, 1));
}
template <bool mistaken>
__global__ void all_of_half() {
  if (mistaken)
    keep(__all_sync(all_lanes, lane() < 16));
  else
    keep(__all_sync(lane() < 16 ? low_half : high_half, lane() < 16));
}

const Refused refused[] = {
    {"__syncwarp", "in a branch", run<syncwarp_in_branch>, {"__syncwarp at", "return"}},
    {"__syncwarp",
     "a mask without the caller",
     run<syncwarp_left_out>,
     {"__syncwarp with mask 0x0000ffff, which leaves"}},
    {"__syncwarp", "two masks", run<syncwarp_with_two_masks>, {"__syncwarp at", "return"}},
    {"__syncwarp", "two lines", run<syncwarp_at_two_lines>, {"wait in __syncwarp with mask 0xffffffff"}},
    {"__shfl_sync", "in a branch", run<shfl_in_branch>, {"__shfl_sync at", "return"}},
    {"__shfl_sync", "a lane that is not in the mask", run<shfl_from_outside>, {"reads lane 20, which takes no part"}},
    {"__shfl_sync", "two lines", run<shfl_at_two_lines>, {"calls __shfl_sync", "wait in __shfl_sync"}},
    {"__shfl_sync", "a vote in other lanes", run<shfl_against_vote>, {"__shfl_sync with", "__any_sync with"}},
    {"__shfl_sync", "after a lane's return", run<shfl_after_return>, {"__shfl_sync at", "return"}},
    {"__shfl_sync", "in a warp of 16", run<shfl_in_short_warp, 48>, {"has only lanes 0x0000ffff"}},
    {"__shfl_sync", "groups of 12", run<shfl_in_groups_of_12>, {"__shfl_sync over 0 lanes in groups of 12"}},
    {"__shfl_up_sync", "a lane that is not in the mask", run<up_from_outside>, {"lane 8 reads lane 0, which takes no"}},
    {"__shfl_up_sync", "by 32 lanes", run<up_by_32>, {"__shfl_up_sync over 32 lanes"}},
    {"__shfl_up_sync", "down in other lanes", run<up_against_down>, {"__shfl_up_sync with", "__shfl_down_sync with"}},
    {"__shfl_down_sync",
     "a lane that is not in the mask",
     run<down_from_outside>,
     {"lane 4 reads lane 8, which takes"}},
    {"__shfl_down_sync", "in a branch", run<down_in_branch>, {"__shfl_down_sync at", "return"}},
    {"__shfl_xor_sync", "a lane that is not in the mask", run<xor_from_outside>, {"lane 0 reads lane 16, which takes"}},
    {"__shfl_xor_sync", "by 32 lanes", run<xor_by_32>, {"__shfl_xor_sync over 32 lanes"}},
    {"__shfl_xor_sync", "fewer rounds in some lanes", run<xor_in_loop_of_some>, {"__shfl_xor_sync at", "return"}},
    {"__ballot_sync", "in a branch", run<ballot_in_branch>, {"__ballot_sync at", "return"}},
    {"__ballot_sync",
     "the other half's mask",
     run<ballot_left_out>,
     {"calls __ballot_sync with mask", "leaves it out"}},
    {"__any_sync", "masks that overlap", run<any_with_masks_that_overlap>, {"__any_sync at", "return"}},
    {"__any_sync", "after lanes' return", run<any_after_return>, {"__any_sync at", "return"}},
    {"__all_sync", "any in other lanes", run<all_against_any>, {"__all_sync with", "__any_sync with"}},
    {"__all_sync",
     "in a warp of 16",
     run<all_in_short_warp, 48>,
     {"__all_sync with mask 0xffffffff", "has only lanes"}},
    {"__all_sync", "a barrier in other lanes", run<all_beside_barrier>, {"waits for ever", "__all_sync at"}},
};

float whole_sum(int) { return 496; }  // 0 + … + 31
float in_low_half(int t) { return t < 16; }

const WrongNumbers wrong_numbers[] = {
    {"__syncwarp", "missing", run<exchange<true>>, run<exchange<false>>,
     [](int t) { return static_cast<float>(t ^ 1); }},
    {"__shfl_sync", "a lane too far", run<first_of_eight<true>>, run<first_of_eight<false>>,
     [](int t) { return static_cast<float>(t / 8 * 8); }},
    {"__shfl_up_sync", "adds what has no source", run<running_sum<true>>, run<running_sum<false>>,
     [](int t) { return static_cast<float>(t + 1); }},
    {"__shfl_down_sync", "a sum that lane 0 has", run<sum_downwards<true>>, run<sum_downwards<false>>, whole_sum},
    {"__shfl_xor_sync", "a round too few", run<butterfly_sum<true>>, run<butterfly_sum<false>>, whole_sum},
    {"__ballot_sync", "masks of halves", run<voters<true>>, run<voters<false>>, [](int) { return 31.0f; }},
    {"__any_sync", "a wrong predicate", run<any_of_half<true>>, run<any_of_half<false>>, in_low_half},
    {"__all_sync", "the whole warp's mask", run<all_of_half<true>>, run<all_of_half<false>>, in_low_half},
};

TEST_CASE("simt refuses mistakes with warp collectives") {
  for (const Refused& row : refused) check(row);
}

TEST_CASE("simt shows mistakes with warp collectives in the numbers") {
  for (const WrongNumbers& row : wrong_numbers) check(row);
}

TEST_CASE("simt: every warp collective has its mistakes") {
  const std::vector<std::string_view> all{"__syncwarp",      "__shfl_sync",   "__shfl_up_sync", "__shfl_down_sync",
                                          "__shfl_xor_sync", "__ballot_sync", "__any_sync",     "__all_sync"};
  check_named(all, refused);
  check_named(all, wrong_numbers);
}

}  // namespace
}  // namespace cuunet::simt
