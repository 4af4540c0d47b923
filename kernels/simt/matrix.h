// The warp's matrix instructions on the host, computed for all lanes at once (PTX ISA, "Matrix multiply-accumulate
// operation using mma instruction" and "ldmatrix"; which lane holds what is in matrix.cpp).
#pragma once

#include "kernels/simt/executor.h"

#include <cstdint>

namespace cuunet::simt {

// ldmatrix .x4 .b16: four 8 × 8 matrices; lane l brings the address of row l % 8 of matrix l / 8, 16 bytes each.
struct MatrixLoad {
  const void* row;
  uint32_t* fragment;  // 4 registers
  bool transposed;
  Place place;
};
void load_matrices(const MatrixLoad& load);

constexpr int max_tiles = 16;

// I × J products of 16 × 8 tiles, one meeting of the warp for all: accumulators += a · b; I and J up to max_tiles.
struct MatrixProduct {
  const uint32_t* a;    // [I][4]
  const uint32_t* b;    // [J][2]
  float* accumulators;  // [I][J][4]
  int rows, columns;    // I, J
  Place place;
};
void multiply_bf16(const MatrixProduct& product);  // mma m16n8k16
void multiply_tf32(const MatrixProduct& product);  // mma m16n8k8; the operands' low 13 bits are ignored

}  // namespace cuunet::simt
