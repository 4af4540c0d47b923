#include "tools/data/loader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "kernels/device/error.h"
#include "tools/data/grey_pair.h"

namespace cuunet {
namespace {

// Photographs of different sizes whose pixels depend on their index; some of them unreadable.
class TestSource : public PhotoSource {
 public:
  TestSource(int64_t count, std::set<int64_t> broken = {}) : count_(count), broken_(std::move(broken)) {}
  int64_t count() const override { return count_; }
  std::string name(int64_t i) const override { return "photo" + std::to_string(i); }
  Image load(int64_t i) const override {
    if (broken_.contains(i)) throw FileError("{}: is broken", name(i));
    Image image(20 + i, 30 - i);
    for (size_t k = 0; k < image.rgb.size(); ++k) {
      image.rgb[k] = static_cast<uint8_t>((k * 7 + static_cast<size_t>(i) * 41) % 256);
    }
    return image;
  }

 private:
  int64_t count_;
  std::set<int64_t> broken_;
};

Photographs photographs(int64_t count, std::set<int64_t> broken = {}) {
  return {std::make_shared<TestSource>(count, std::move(broken)), 1 << 20};
}

std::vector<Batch> batches_of(const Photographs& photos, const LoaderOptions& options) {
  Loader loader(photos, options);
  std::vector<Batch> batches;
  for (Batch batch; loader.next(batch);) batches.push_back(batch);
  return batches;
}

bool same(const Batch& a, const Batch& b) {
  return a.step == b.step && a.epoch == b.epoch && a.photos == b.photos && a.input == b.input && a.target == b.target;
}

LoaderOptions training(int64_t batch, int64_t steps) {
  LoaderOptions options;
  options.size = 16;
  options.batch = batch;
  options.seed = 5;
  options.last_step = steps;
  return options;
}

TEST_CASE("a grey pair is normalised, grey in all channels, with empty lanes") {
  Pixels<float> image(1, 1);
  image.values = {0.2f, 0.4f, 0.6f};
  float input[8], target[8];
  std::fill(input, input + 8, 9.0f);
  std::fill(target, target + 8, 9.0f);
  write_grey_pair(image, input, target);
  const double mean[] = {0.485, 0.456, 0.406}, std[] = {0.229, 0.224, 0.225};
  double grey = 0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.6;
  for (int c = 0; c < 3; ++c) {
    // A few f32 roundings of numbers below 3.
    CHECK(input[c] == doctest::Approx((grey - mean[c]) / std[c]).epsilon(1e-6));
    CHECK(target[c] == doctest::Approx((image.values[static_cast<size_t>(c)] - mean[c]) / std[c]).epsilon(1e-6));
  }
  for (int c = 3; c < 8; ++c) CHECK((input[c] == 0 && target[c] == 0));
}

TEST_CASE("the number of workers and how far they run ahead do not change a bit") {
  Photographs photos = photographs(10, {3, 4});
  LoaderOptions options = training(3, 8);  // over two epochs and a half
  options.workers = 1;
  options.batches_ahead = 1;
  std::vector<Batch> expected = batches_of(photos, options);
  REQUIRE(expected.size() == 8);
  for (int workers : {2, 5}) {
    for (int64_t ahead : {1, 2, 7}) {
      options.workers = workers;
      options.batches_ahead = ahead;
      std::vector<Batch> batches = batches_of(photos, options);
      REQUIRE(batches.size() == 8);
      for (size_t i = 0; i < 8; ++i) CHECK(same(batches[i], expected[i]));
    }
  }
}

TEST_CASE("going on in the middle gives the batches that would have come") {
  Photographs photos = photographs(10);
  std::vector<Batch> whole = batches_of(photos, training(3, 8));
  LoaderOptions options = training(3, 8);
  options.first_step = 5;
  std::vector<Batch> rest = batches_of(photos, options);
  REQUIRE(rest.size() == 3);
  for (size_t i = 0; i < 3; ++i) CHECK(same(rest[i], whole[i + 5]));
}

TEST_CASE("training shows every photograph at most once an epoch, in another order and drawn anew each time") {
  Photographs photos = photographs(11);
  std::vector<Batch> batches = batches_of(photos, training(4, 4));
  CHECK(batches[0].epoch == 0);
  CHECK(batches[2].epoch == 1);
  std::set<int64_t> first(batches[0].photos.begin(), batches[0].photos.end());
  first.insert(batches[1].photos.begin(), batches[1].photos.end());
  CHECK(first.size() == 8);
  CHECK(batches[0].photos != batches[2].photos);

  LoaderOptions later = training(4, 2);
  later.first_epoch = 1;
  std::vector<Batch> second = batches_of(photos, later);
  CHECK(second[0].target == batches[2].target);
  CHECK(second[0].epoch == 1);
}

TEST_CASE("fewer photographs than a batch are shown more than once, with draws of their own") {
  Photographs photos = photographs(2);
  std::vector<Batch> batches = batches_of(photos, training(6, 1));
  CHECK(batches[0].count == 6);
  size_t image = 16 * 16 * 8;
  CHECK(batches[0].photos[0] == batches[0].photos[2]);
  std::vector<float> a(batches[0].target.begin(), batches[0].target.begin() + static_cast<std::ptrdiff_t>(image));
  auto third = batches[0].target.begin() + static_cast<std::ptrdiff_t>(2 * image);
  CHECK(a != std::vector<float>(third, third + static_cast<std::ptrdiff_t>(image)));
}

TEST_CASE("validation goes through all, in order, unchanged, the last batch short") {
  Photographs photos = photographs(5);
  LoaderOptions options = training(2, 100);
  options.training = false;
  std::vector<Batch> batches = batches_of(photos, options);
  REQUIRE(batches.size() == 3);
  CHECK(batches[2].count == 1);
  CHECK(batches[2].photos == std::vector<int64_t>{4});
  CHECK(batches[2].input.size() == 16 * 16 * 8);
  Pixels<float> expected = transformed<float>(*photos.load(4), no_augmentation(), {ResizeMethod::crop, 16, 16});
  CHECK(batches[2].target[9] == (expected.values[4] - imagenet_mean[1]) / imagenet_deviation[1]);
}

TEST_CASE("the place of an unreadable photograph is taken by the next one") {
  Photographs photos = photographs(3, {1});
  LoaderOptions options = training(3, 1);
  options.training = false;
  std::vector<Batch> batches = batches_of(photos, options);
  size_t image = 16 * 16 * 8;
  auto begin = batches[0].target.begin();
  auto at = [&](size_t i) { return begin + static_cast<std::ptrdiff_t>(i * image); };
  CHECK(std::equal(at(1), at(2), at(2)));
  CHECK(photos.account().unreadable.size() == 1);
}

TEST_CASE("an error on a worker comes out of next()") {
  for (int time = 0; time < 50; ++time) {
    Photographs photos = photographs(2, {0, 1});
    Loader loader(photos, training(2, 5));
    // Every second time when all workers have failed already.
    while (time % 2 == 1 && photos.account().seen < 2) std::this_thread::yield();
    Batch batch;
    CHECK_THROWS_WITH_AS(loader.next(batch), "none of the 2 photographs can be read; the first: photo0: is broken",
                         FileError);
  }
}

TEST_CASE("a loader may be left in the middle") {
  Photographs photos = photographs(10);
  Loader loader(photos, training(3, 100));
  Batch batch;
  CHECK(loader.next(batch));
}

TEST_CASE("impossible options and an empty source are named") {
  Photographs photos = photographs(2), none = photographs(0);
  LoaderOptions options = training(0, 1);
  CHECK_THROWS_WITH_AS(Loader(photos, options), "loader: batch is 0; expected at least 1", UsageError);
  CHECK_THROWS_WITH_AS(Loader(none, training(1, 1)), "loader: number of photographs is 0; expected at least 1",
                       UsageError);
}

}  // namespace
}  // namespace cuunet
