#include "tests/kernels/simt/device_check.h"

#include "kernels/device/philox.h"
#include "kernels/device/view.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

namespace cuunet::simt {

PlainContext::PlainContext(Device device, ThreadOrder order) : Context(device, 1, Isa::baseline) {
  thread_order = order;
}

void* PlainContext::allocate(size_t bytes) {
  void* memory = std::aligned_alloc(64, static_cast<size_t>(round_up(static_cast<int64_t>(bytes), 64)));
  std::memset(memory, 0xFF, bytes);
  return memory;
}

void PlainContext::release(void* pointer, size_t) { std::free(pointer); }

namespace {

enum class Layout { whole, aligned_slice, unaligned_slice };
#ifdef CUUNET_RACE  // which sees a race in any order
constexpr ThreadOrder orders[] = {ThreadOrder::forward};
#else
constexpr ThreadOrder orders[] = {ThreadOrder::forward, ThreadOrder::reverse, ThreadOrder::shuffled};
#endif
constexpr int guard_channels = 8;
constexpr double guard_of_outputs = 2.5;  // inputs have NaN neighbours

void store(View view, int64_t offset, double value) {
  switch (view.dtype) {
    case DType::f32: view.as<float>()[offset] = static_cast<float>(value); return;
    case DType::bf16: view.as<bfloat16>()[offset] = bfloat16(static_cast<float>(value)); return;
    default: view.as<double>()[offset] = value;
  }
}

double load(ConstView view, int64_t offset) {
  switch (view.dtype) {
    case DType::f32: return static_cast<double>(view.as<float>()[offset]);
    case DType::bf16: return static_cast<double>(static_cast<float>(view.as<bfloat16>()[offset]));
    default: return view.as<double>()[offset];
  }
}

// A tensor, or a channel slice of a wider one whose other elements hold the guard value.
class TestTensor {
 public:
  TestTensor(const Shape& shape, DType dtype, Layout layout, double guard) : guard_(guard) {
    int64_t stride = owner_pixel_stride(shape), first = 0;
    bool slice = layout != Layout::whole && shape.rank() == 4;
    if (slice) {
      first = layout == Layout::aligned_slice ? guard_channels : 3;
      stride = padded_channels(shape[1] + first + guard_channels);
    }
    bytes_ = static_cast<size_t>(shape.rank() == 4 ? shape[0] * shape[2] * shape[3] * stride : stride) * size_of(dtype);
    memory_ = std::aligned_alloc(64, static_cast<size_t>(round_up(static_cast<int64_t>(bytes_), 64)));
    view_ = {static_cast<char*>(memory_) + static_cast<size_t>(first) * size_of(dtype), dtype, shape, stride,
             slice ? shape[1] : stride};
    first_ = first;
    View all = owner();
    for (int64_t i = 0; i < static_cast<int64_t>(bytes_ / size_of(dtype)); ++i) store(all, i, slice ? guard : 0.0);
  }
  ~TestTensor() { std::free(memory_); }
  TestTensor(const TestTensor&) = delete;

  View view() const { return view_; }

  template <class Visit>
  void each(const Visit& visit) const {
    int64_t rows = view_.rows(), columns = view_.columns(), stride = rows > 1 ? view_.pixel_stride : 0;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) visit(r * columns + c, r * stride + c);
    }
  }
  std::vector<double> values() const {
    std::vector<double> result(static_cast<size_t>(view_.elements()));
    each([&](int64_t i, int64_t offset) { result[static_cast<size_t>(i)] = load(view_, offset); });
    return result;
  }
  // Whether pad lanes are zero and the neighbours of a slice untouched.
  bool surroundings_intact() const {
    if (view_.shape.rank() != 4) return true;
    bool slice = view_.lanes != view_.pixel_stride;
    View all = owner();
    for (int64_t i = 0; i < static_cast<int64_t>(bytes_ / size_of(view_.dtype)); ++i) {
      int64_t c = i % view_.pixel_stride - first_;
      if ((c < 0 || c >= view_.c()) && load(all, i) != (slice ? guard_ : 0.0)) return false;
    }
    return true;
  }
  void spoil_pad_lanes() const {
    if (view_.shape.rank() != 4 || view_.lanes != view_.pixel_stride) return;
    for (int64_t r = 0; r < view_.rows(); ++r) {
      for (int64_t c = view_.c(); c < view_.lanes; ++c) store(view_, r * view_.pixel_stride + c, guard_);
    }
  }

 private:
  View owner() const { return {memory_, view_.dtype, view_.shape, view_.pixel_stride, view_.pixel_stride}; }

  double guard_;
  void* memory_;
  size_t bytes_;
  int64_t first_;
  View view_;
};

uint64_t hash(const std::string& name) {
  uint64_t h = 14695981039346656037u;
  for (char c : name) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return h;
}

double value_of(const TensorRow& row, bool exact, RandomStream& random) {
  double u = random.unit();
  if (exact) return std::floor(16 * u) / 16;
  return static_cast<double>(static_cast<float>(bfloat16(static_cast<float>(row.offset + row.scale * (2 * u - 1)))));
}

using Results = std::vector<std::vector<double>>;

Results run(const DeviceCase& row, DType dtype, Layout layout, Context& context) {
  std::vector<std::unique_ptr<TestTensor>> tensors;
  std::vector<View> views;
  for (size_t i = 0; i < row.tensors.size(); ++i) {
    const TensorRow& t = row.tensors[i];
    DType type = t.parameter && dtype == DType::bf16 ? DType::f32 : dtype;
    tensors.push_back(std::make_unique<TestTensor>(t.shape, type, t.parameter ? Layout::whole : layout,
                                                   t.role == Role::input ? std::nan("") : guard_of_outputs));
    View view = tensors.back()->view();
    RandomStream random(hash(row.name), Purpose::features, static_cast<uint32_t>(i));
    bool fresh = t.role == Role::output;
    tensors.back()->each(
        [&](int64_t, int64_t offset) { store(view, offset, fresh ? std::nan("") : value_of(t, row.exact, random)); });
    if (fresh) tensors.back()->spoil_pad_lanes();
    views.push_back(view);
  }
  row.run(context, views);
  Results results;
  for (size_t i = 0; i < tensors.size(); ++i) {
    CAPTURE(i);
    if (row.tensors[i].role == Role::input) continue;
    CHECK(tensors[i]->surroundings_intact());
    results.push_back(tensors[i]->values());
  }
  return results;
}

void compare(const Results& got, const Results& expected, double tolerance) {
  for (size_t t = 0; t < got.size(); ++t) {
    double largest = 0, error = 0;
    size_t worst = 0;
    for (double v : expected[t]) largest = std::max(largest, std::fabs(v));
    for (size_t i = 0; i < got[t].size(); ++i) {
      double e = std::fabs(got[t][i] - expected[t][i]);
      if (!(e <= error)) error = std::isnan(e) ? INFINITY : e, worst = i;
    }
    double allowed = tolerance * largest;
    INFO("output " << t << " element " << worst << ": " << (got[t].empty() ? 0.0 : got[t][worst]) << ", expected "
                   << (expected[t].empty() ? 0.0 : expected[t][worst]) << ", error " << error << " of " << allowed);
    CHECK(error <= allowed);
  }
}

}  // namespace

void check_device(const DeviceCase& row) {
  INFO(row.name);
  PlainContext cpu(Device::cpu);
  Results expected = run(row, DType::f64, Layout::whole, cpu);
  for (DType dtype : {DType::f32, DType::bf16}) {
    for (Layout layout : {Layout::whole, Layout::aligned_slice, Layout::unaligned_slice}) {
      INFO(name_of(dtype) << ", layout " << static_cast<int>(layout));
      Results first;
      for (ThreadOrder order : orders) {
        INFO("order " << static_cast<int>(order));
        PlainContext context(Device::simt, order);
        Results got = run(row, dtype, layout, context);
        if (order == ThreadOrder::forward) {
          compare(got, expected, dtype == DType::bf16 ? row.tolerance.bf16 : row.exact ? 0 : row.tolerance.f32);
          first = got;
        }
        CHECK(got == first);
      }
    }
  }
}

}  // namespace cuunet::simt
