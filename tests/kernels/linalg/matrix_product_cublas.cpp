// The call of cuBLAS, through a library that multiplies on the CPU as BLAS defines it.
#include "kernels/linalg/matrix_product_cublas.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <vector>

namespace cuunet {
namespace {

struct Asked {
  cublasComputeType_t compute;
  cublasMath_t math;
  cudaDataType result;
};
Asked asked;

double load(const void* data, cudaDataType type, int64_t i) {
  if (type == CUDA_R_32F) return static_cast<double>(static_cast<const float*>(data)[i]);
  return static_cast<double>(static_cast<float>(static_cast<const bfloat16*>(data)[i]));
}

// c[column j, row i] = alpha · Σ_l op(a)[i, l] · op(b)[l, j], columns first.
cublasStatus_t gemm(cublasHandle_t, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k,
                    const void* alpha, const void* a, cudaDataType a_type, int lda, long long a_stride, const void* b,
                    cudaDataType b_type, int ldb, long long b_stride, const void* beta, void* c, cudaDataType c_type,
                    int ldc, long long c_stride, int batches, cublasComputeType_t compute, cublasGemmAlgo_t) {
  asked.compute = compute;
  asked.result = c_type;
  if (*static_cast<const float*>(beta) != 0 || lda < (op_a == CUBLAS_OP_N ? m : k) ||
      ldb < (op_b == CUBLAS_OP_N ? k : n) || ldc < m || a_type != b_type) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  for (int64_t batch = 0; batch < batches; ++batch) {
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = 0; i < m; ++i) {
        double sum = 0;
        for (int64_t l = 0; l < k; ++l) {
          sum += load(a, a_type, batch * a_stride + (op_a == CUBLAS_OP_N ? l * lda + i : i * lda + l)) *
                 load(b, b_type, batch * b_stride + (op_b == CUBLAS_OP_N ? j * ldb + l : l * ldb + j));
        }
        auto value = static_cast<float>(sum * static_cast<double>(*static_cast<const float*>(alpha)));
        int64_t at = batch * c_stride + j * ldc + i;
        if (c_type == CUDA_R_32F)
          static_cast<float*>(c)[at] = value;
        else
          static_cast<bfloat16*>(c)[at] = bfloat16(value);
      }
    }
  }
  return CUBLAS_STATUS_SUCCESS;
}

CublasLibrary fake_library() {
  CublasLibrary l;
  l.cublasGetStatusString = [](cublasStatus_t) -> const char* { return "invalid value"; };
  l.cublasCreate_v2 = [](cublasHandle_t*) { return CUBLAS_STATUS_SUCCESS; };
  l.cublasDestroy_v2 = [](cublasHandle_t) { return CUBLAS_STATUS_SUCCESS; };
  l.cublasSetStream_v2 = [](cublasHandle_t, cudaStream_t) { return CUBLAS_STATUS_SUCCESS; };
  l.cublasSetWorkspace_v2 = [](cublasHandle_t, void* memory, size_t) {
    return reinterpret_cast<uintptr_t>(memory) % 256 == 0 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
  };
  l.cublasSetMathMode = [](cublasHandle_t, cublasMath_t math) {
    asked.math = math;
    return CUBLAS_STATUS_SUCCESS;
  };
  l.cublasGemmStridedBatchedEx = gemm;
  return l;
}

// Element (batch, row, column) of a test matrix.
double value(int64_t batch, int64_t row, int64_t column, int seed) {
  return static_cast<double>((batch * 7 + row * 3 + column * 5 + seed) % 11 - 5) / 4;
}

// [batches][rows][columns] in memory with room between the rows, stored transposed or not.
struct TestMatrix {
  TestMatrix(int64_t batches, int64_t rows, int64_t columns, bool transposed, DType dtype, int seed) {
    int64_t lines = transposed ? columns : rows, length = transposed ? rows : columns, pitch = length + 3;
    memory.assign(static_cast<size_t>(batches * lines * pitch), 99.0f);
    narrow.assign(memory.size(), bfloat16(99.0f));
    for (int64_t n = 0; n < batches; ++n) {
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 0; j < columns; ++j) {
          auto at = static_cast<size_t>((n * lines + (transposed ? j : i)) * pitch + (transposed ? i : j));
          memory[at] = static_cast<float>(value(n, i, j, seed));
          narrow[at] = bfloat16(memory[at]);
        }
      }
    }
    void* data = dtype == DType::f32 ? static_cast<void*>(memory.data()) : narrow.data();
    matrix = {data, dtype, rows, columns, transposed ? 1 : pitch, transposed ? pitch : 1, lines * pitch};
  }
  std::vector<float> memory;
  std::vector<bfloat16> narrow;
  Matrix matrix;
};

void check_product(int64_t batches, int64_t m, int64_t k, int64_t n, bool a_transposed, bool b_transposed, DType dtype,
                   DType y_dtype) {
  CublasLibrary library = fake_library();
  CublasSession session(library);
  HostContext context({.threads = 1});
  TestMatrix a(batches, m, k, a_transposed, dtype, 1), b(batches, k, n, b_transposed, dtype, 2),
      y(batches, m, n, false, y_dtype, 0);
  session.multiply(context, {a.matrix, b.matrix, y.matrix, batches, 0.5});
  for (int64_t batch = 0; batch < batches; ++batch) {
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t l = 0; l < k; ++l) sum += value(batch, i, l, 1) * value(batch, l, j, 2) / 2;
        int64_t at = batch * y.matrix.batch_stride + i * y.matrix.row_stride + j;
        double found = load(y.matrix.data, y_dtype == DType::f32 ? CUDA_R_32F : CUDA_R_16BF, at);
        // Multiples of 1/32 below 256: exact in f32; bf16 keeps 8 bits.
        CHECK(found == doctest::Approx(sum).epsilon(y_dtype == DType::f32 ? 1e-12 : 1.0 / 256));
      }
    }
  }
}

TEST_CASE("matrix_product_cublas: every order of the operands, batches, one row or column") {
  for (bool a_transposed : {false, true}) {
    for (bool b_transposed : {false, true}) {
      for (DType dtype : {DType::f32, DType::bf16}) {
        CAPTURE(a_transposed);
        CAPTURE(b_transposed);
        CAPTURE(name_of(dtype));
        check_product(2, 4, 6, 5, a_transposed, b_transposed, dtype, dtype);
        check_product(1, 1, 7, 3, a_transposed, b_transposed, dtype, DType::f32);
        check_product(3, 5, 1, 4, a_transposed, b_transposed, dtype, DType::f32);
        check_product(1, 6, 3, 1, a_transposed, b_transposed, dtype, DType::f32);
      }
    }
  }
}

TEST_CASE("matrix_product_cublas: the arithmetic, and an error that says what was asked") {
  CublasLibrary library = fake_library();
  CublasSession session(library);
  HostContext context({.threads = 1});
  TestMatrix a(1, 2, 3, false, DType::f32, 1), b(1, 3, 4, false, DType::f32, 2), y(1, 2, 4, false, DType::f32, 0);
  PeerProduct product{a.matrix, b.matrix, y.matrix, 1, 1};
  session.multiply(context, product);
  CHECK(asked.compute == CUBLAS_COMPUTE_32F);
  CHECK((asked.math & CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION) != 0);
  context.allow_tf32 = true;
  session.multiply(context, product);
  CHECK(asked.compute == CUBLAS_COMPUTE_32F_FAST_TF32);
  product.y.row_stride = 1;  // shorter than a row
  CHECK_THROWS_WITH_AS(session.multiply(context, product),
                       "cublas: product tf32 [2, 3] · [3, 4] × 1 to f32: invalid value; take --conv-backend native",
                       Error);
}

}  // namespace
}  // namespace cuunet
