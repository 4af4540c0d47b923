#include "tools/device_choice.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

GpuSurvey old_and_new() {
  return {.built = true,
          .driver_here = true,
          .architectures = "80-real",
          .needs = 13000,
          .speaks = 13000,
          .gpus = {{.name = "NVIDIA T4", .major = 7, .minor = 5}, {.name = "NVIDIA A100", .major = 8, .minor = 0}}};
}

TEST_CASE("device choice: the words of --device") {
  CHECK(choose_device("cpu", old_and_new()).device == Device::cpu);
  CHECK(choose_device("simt", {}).device == Device::simt);
  DeviceChoice second = choose_device("cuda:1", old_and_new());
  CHECK(second.device == Device::cuda);
  CHECK(second.gpu == 1);
  CHECK(second.note == "");
  CHECK_THROWS_WITH_AS(choose_device("cuda", old_and_new()), doctest::Contains("--device cuda: the NVIDIA T4 has"),
                       Error);
  CHECK_THROWS_WITH_AS(choose_device("cuda:2", old_and_new()),
                       doctest::Contains("--device cuda:2: there is no GPU number 2, this machine has 2"), Error);
  CHECK_THROWS_AS(choose_device("cuda:", old_and_new()), UsageError);
  CHECK_THROWS_AS(choose_device("gpu", old_and_new()), UsageError);
}

TEST_CASE("device choice: auto takes the first GPU that can be used, and says what it took") {
  DeviceChoice choice = choose_device("auto", old_and_new());
  CHECK(choice.device == Device::cuda);
  CHECK(choice.gpu == 1);
  CHECK(choice.note == "running on cuda:1 (NVIDIA A100)");
}

TEST_CASE("device choice: auto says why it left a GPU out, and nothing where there is none") {
  GpuSurvey survey = old_and_new();
  survey.speaks = 12040;
  DeviceChoice choice = choose_device("auto", survey);
  CHECK(choice.device == Device::cpu);
  CHECK(choice.note ==
        "running on the cpu: the NVIDIA driver speaks CUDA 12.4, this program needs 13.0 or later; update the driver, "
        "or run with --device cpu");
  CHECK(choose_device("auto", {.driver_here = true}).note ==
        "running on the cpu: this program was built without CUDA; build it with -DCUUNET_CUDA=ON, or run with --device "
        "cpu");
  CHECK(choose_device("auto", {}).note == "");
  CHECK(choose_device("auto", {.built = true, .needs = 13000}).note == "");
}

}  // namespace
}  // namespace cuunet
