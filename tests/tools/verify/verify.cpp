#include "tools/verify/verify.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tests/tools/verify/moved_case.h"
#include "tests/weights/format/temporary_folder.h"
#include "tools/verify/case_files.h"
#include "tools/verify/report.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

const fs::path ops = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/ops";
const fs::path deoldify = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/deoldify";
const fs::path nectargan = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/nectargan";
const fs::path unet = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/fastai_unet";

// Every number of every case has failed, all but `unmoved`: facts that are no numbers and were left as they are.
void require_failures(const VerifyReport& report, size_t count, const std::set<std::string>& unmoved) {
  CHECK(report.cases.size() == count);
  for (const CaseResult& result : report.cases) {
    INFO(result.title);
    CHECK(result.problem == "");  // it fails by its numbers, not because it could not be run
    CHECK_FALSE(result.passed());
    for (const TensorResult& tensor : result.tensors) {
      INFO(tensor.name);
      if (!unmoved.contains(tensor.name)) CHECK_FALSE(tensor.passed());
    }
  }
}

void require_every_number_to_fail(DType precision) {
  TemporaryFolder folder("verify");
  for (const fs::path& file : find_case_files(ops).files) write_moved(file, folder.path, precision);
  HostContext context;
  require_failures(verify(context, {folder.path}, {.precision = precision, .filter = ""}), 476, {});
}

// The cases of a family whose names begin so, in double: there no rounding stands between a wrong number and its
// failure. Of trajectories the first step.
void require_networks_to_fail(const fs::path& family, const std::vector<std::string>& beginnings, size_t count,
                              const std::set<std::string>& unmoved) {
  TemporaryFolder folder("verify");
  fs::path moved = folder.path / family.filename();
  fs::create_directory(moved);
  for (const fs::path& file : find_case_files(family).files) {
    auto begins = [&](const std::string& text) { return file.filename().string().starts_with(text); };
    if (std::any_of(beginnings.begin(), beginnings.end(), begins)) write_moved(file, moved, DType::f64);
  }
  HostContext context;
  require_failures(verify(context, {moved}, {.precision = DType::f64, .filter = "", .steps = 1}), count, unmoved);
}

TEST_CASE("two runs that give the same bits have equal hashes of bits, other runs others") {
  auto bits_of = [](DType precision) {
    HostContext context({.threads = 1});
    VerifyReport report = verify(context, {ops / "conv2d.json"}, {.precision = precision, .filter = "conv2d/3"});
    std::vector<uint64_t> bits;
    for (const TensorResult& tensor : report.cases.at(0).tensors) bits.push_back(tensor.bits);
    return bits;
  };
  std::vector<uint64_t> first = bits_of(DType::f32), other = bits_of(DType::f64);
  CHECK(bits_of(DType::f32) == first);
  REQUIRE(other.size() == first.size());
  for (size_t i = 0; i < first.size(); ++i) CHECK(other[i] != first[i]);
}

TEST_CASE("every case fails when expected numbers move by twice their tolerance, f32") {
  require_every_number_to_fail(DType::f32);
}

TEST_CASE("every case fails when expected numbers move by twice their tolerance, f64") {
  require_every_number_to_fail(DType::f64);
}

TEST_CASE("every case of fastai_unet fails when expected numbers move by twice their tolerance, f64") {
  // The list of zero gradients was left as it is, too.
  require_networks_to_fail(unet, {""}, 72,
                           {"activation_shapes", "tap_shapes", "trainable", "zero_gradients", "state_dict"});
}

TEST_CASE("DeOldify's small cases fail when expected numbers move by twice their tolerance, f64") {
  require_networks_to_fail(deoldify,
                           {"attention_", "block_", "critic_small_", "loss_", "manifest_critic", "res_", "upsample_"},
                           14, {"entries", "state"});
}

TEST_CASE("NectarGAN's cases fail when expected numbers move by twice their tolerance, f64") {
  require_networks_to_fail(nectargan, {"loss_", "manifest_patchgan_", "patchgan_n", "unet_plain_", "unet_residual_"},
                           27, {"entries"});
}

TEST_CASE("a case that misses an output, or whose family or operator is unknown, fails") {
  TemporaryFolder folder("verify");
  nlohmann::json contents = json_of(ops / "relu.json");
  contents["cases"].erase(contents["cases"].begin() + 1, contents["cases"].end());
  contents["cases"][0]["outputs"]["indices"] = {3};
  write_json(folder.path / "relu.json", contents);
  fs::copy(ops / "relu.safetensors", folder.path);
  contents["cases"][0]["name"] = "sine/0";
  write_json(folder.path / "sine.json", contents);
  contents["family"] = "songs";
  write_json(folder.path / "song.json", contents);

  HostContext context;
  VerifyReport report = verify(context, {folder.path});
  REQUIRE(report.cases.size() == 3);
  CHECK(report.cases[0].problem == "indices: 0 of 3 numbers compared");
  CHECK(report.cases[1].problem == "no runner for operator 'sine'");
  CHECK(report.cases[2].problem == "no runner for family 'songs'");
  CHECK_FALSE(report.passed());
}

TEST_CASE("a folder that holds fewer cases than its index lists fails") {
  TemporaryFolder folder("verify");
  fs::copy(ops / "relu.json", folder.path);
  fs::copy(ops / "relu.safetensors", folder.path);
  write_json(folder.path / "index.json",
             {{"operators", {{{"operator", "relu"}, {"cases", 5}}, {{"operator", "tanh"}, {"cases", 1}}}}});
  HostContext context;
  VerifyReport report = verify(context, {folder.path});
  CHECK(report.families.at(0).cases_passed == 4);
  REQUIRE(report.problems.size() == 2);
  CHECK(report.problems[0].ends_with("index.json: lists 5 cases of relu, relu.json holds 4"));
  CHECK_FALSE(report.passed());
}

TEST_CASE("paths without cases and filters without a match are failures") {
  TemporaryFolder folder("verify");
  HostContext context;
  CHECK_THROWS_AS(verify(context, {folder.path / "nowhere"}), FileError);
  CHECK_THROWS_AS(verify(context, {folder.path}), FileError);
  CHECK_FALSE(verify(context, {ops / "relu.json"}, {.filter = "relu/99"}).passed());
  CHECK(verify(context, {ops / "relu.json"}, {.filter = "relu/3"}).cases.size() == 1);
}

TEST_CASE("cases excepted by name are not run, and counted; a pattern that matches none is a mistake") {
  HostContext context;
  VerifyReport report =
      verify(context, {ops / "relu.json", ops / "errors.json"}, {.except = {"relu/[12]", "ops/err*"}});
  CHECK(report.passed());
  CHECK(report.cases.size() == 2);
  CHECK(report.excepted.size() == 2 + read_cases(ops / "errors.json").size());
  CHECK(report.excepted.front() == "ops/relu/1");
  CHECK(report.families.at(0).cases_listed == 2);
  CHECK(static_cast<size_t>(report.families.at(0).cases_excepted) == report.excepted.size());
  CHECK(summary(report).find(fmt::format("; {} excepted by name\n", report.excepted.size())) != std::string::npos);
  CHECK_THROWS_WITH_AS(
      verify(context, {ops / "relu.json"}, {.except = {"relu/0", "rule/*"}}),
      "--except 'rule/*' matches no case; patterns are of names or titles as the table shows them, with * and ?",
      UsageError);
  CHECK_FALSE(verify(context, {ops / "relu.json"}, {.except = {"*"}}).passed());
}

}  // namespace
}  // namespace cuunet
