// One launch over many tensors: a table of them as the kernel's argument, a few thousand elements per block, however
// small the tensor.
#pragma once

#include "kernels/device/pixels.h"

#include <span>
#include <vector>

namespace cuunet::CUUNET_TARGET {

constexpr unsigned list_threads = 256, list_elements = 4096;  // per block

// Entry: what the kernel needs of one tensor, with its number of elements as `count`. Arguments of a kernel may have 4
// KiB with every driver.
template <class Entry>
struct TensorList {
  static constexpr int most = (4096 - 128) / static_cast<int>(sizeof(Entry) + sizeof(unsigned));
  Entry entries[most];
  unsigned first_block[most];
  int size;
};

// The entry that this block works on, and its share of the entry's elements.
template <class Entry>
struct ListShare {
  const Entry& entry;
  unsigned begin, end;

  __device__ __forceinline__ ListShare(const TensorList<Entry>& list) : ListShare(list, find(list)) {}

 private:
  __device__ __forceinline__ ListShare(const TensorList<Entry>& list, int i)
      : entry(list.entries[i]),
        begin((blockIdx.x - list.first_block[i]) * list_elements),
        end(min(begin + list_elements, list.entries[i].count)) {}

  // The last entry that begins at this block or before.
  static __device__ __forceinline__ int find(const TensorList<Entry>& list) {
    int low = 0, high = list.size;
    while (high - low > 1) {
      int middle = (low + high) / 2;
      (list.first_block[middle] <= blockIdx.x ? low : high) = middle;
    }
    return low;
  }
};

// run(list, blocks) for the entries, in order, as many at a time as a list holds; empty ones are left out.
template <class Entry, class Run>
void for_each_list(std::span<const Entry> entries, const Run& run) {
  TensorList<Entry> list{};
  unsigned blocks = 0;
  auto finish = [&] {
    if (list.size > 0) run(static_cast<const TensorList<Entry>&>(list), blocks);
    list.size = 0;
    blocks = 0;
  };
  for (const Entry& entry : entries) {
    if (entry.count == 0) continue;
    list.entries[list.size] = entry;
    list.first_block[list.size] = blocks;
    ++list.size;
    blocks += block_count(entry.count, list_elements);
    if (list.size == TensorList<Entry>::most) finish();
  }
  finish();
}

}  // namespace cuunet::CUUNET_TARGET
