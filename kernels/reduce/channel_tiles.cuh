// How kernels walk pixels × channels when every channel has its own numbers: a block of 256 threads covers a few packs
// of channels and many rows of pixels; a thread stays with its pack and takes every row_lanes-th row of its block.
// The rows are those of one sample: the whole batch for batch_norm, an image (blockIdx.z) for instance_norm.
#pragma once

#include "kernels/device/pixels.h"

#include <algorithm>

namespace cuunet::CUUNET_TARGET {

constexpr int tile_threads = 256;

struct ChannelTiles {
  int rows, channels;  // rows of one sample
  int columns;         // packs that a block covers: a power of two, at most 32
  int row_lanes;       // tile_threads / columns
  int rows_per_block;  // a multiple of row_lanes

  __device__ int sample() const { return static_cast<int>(blockIdx.z); }
  __device__ int rows_in_block(int block) const { return min(rows_per_block, rows - block * rows_per_block); }
  // Of this thread, counted over all samples.
  __device__ int first_row() const {
    return sample() * rows + static_cast<int>(blockIdx.x) * rows_per_block + static_cast<int>(threadIdx.x) / columns;
  }
  __device__ int last_row() const {
    int block = static_cast<int>(blockIdx.x);
    return sample() * rows + block * rows_per_block + rows_in_block(block);
  }
  __device__ int column() const {
    return static_cast<int>(blockIdx.y) * columns + static_cast<int>(threadIdx.x) % columns;
  }
  // Rows of this block that a row lane takes.
  __device__ int rows_of_lane(int lane) const {
    int in_block = rows_in_block(static_cast<int>(blockIdx.x));
    return lane < in_block ? (in_block - lane + row_lanes - 1) / row_lanes : 0;
  }
};

struct ChannelLaunch {
  ChannelTiles tiles;
  dim3 grid;
  int row_blocks, samples;
};

// The split of the rows, and so the order of sums, depends on nothing but the shape.
inline ChannelLaunch channel_launch(int64_t rows, int64_t channels, int64_t lanes, int pack, int64_t samples = 1) {
  if (samples > 65535) throw ShapeError("a kernel takes at most 65535 images, got {}", samples);
  int64_t packs = (lanes + pack - 1) / pack;
  int columns = 1;
  while (columns < 32 && columns < packs) columns *= 2;
  int row_lanes = tile_threads / columns;
  int64_t groups = (packs + columns - 1) / columns;
  int64_t target = std::max<int64_t>(1, 512 / (groups * samples));
  int64_t rows_per_block = round_up(std::max<int64_t>((rows + target - 1) / target, 4 * row_lanes), row_lanes);
  int row_blocks = static_cast<int>((rows + rows_per_block - 1) / rows_per_block);
  ChannelTiles tiles{static_cast<int>(count_32(rows * samples) / samples), static_cast<int>(channels), columns,
                     row_lanes, static_cast<int>(rows_per_block)};
  dim3 grid(static_cast<unsigned>(row_blocks), static_cast<unsigned>(groups), static_cast<unsigned>(samples));
  return {tiles, grid, row_blocks, static_cast<int>(samples)};
}

// Merging of what the row blocks found: 32 channels per block, eight threads each, every eighth row block.
constexpr int merge_channels = 32, merge_lanes = 8;
inline dim3 merge_blocks(int64_t channels, int samples = 1) {
  return dim3(block_count(channels, merge_channels), static_cast<unsigned>(samples));
}

}  // namespace cuunet::CUUNET_TARGET
