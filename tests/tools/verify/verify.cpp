#include "tools/verify/verify.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "kernels/loss/bce_with_logits.h"
#include "tools/verify/case_files.h"
#include "weights/format/safetensors.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

const fs::path ops = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/ops";

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "cuunet_verify_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

nlohmann::json json_of(const fs::path& file) {
  std::ifstream stream(file);
  return nlohmann::json::parse(stream);
}

void write_json(const fs::path& file, const nlohmann::json& contents) { std::ofstream(file) << contents; }

// Each value by twice what the case allows it, or to the next one there is where nothing is allowed.
std::vector<double> moved(const Case& one, const std::string& tensor, std::vector<double> values, StoredType type,
                          DType precision) {
  Tolerance tolerance = tolerance_of(one, tensor, values, precision, DType::f32);
  for (double& value : values) {
    if (type != StoredType::f32) {
      value += value > 0 ? -1 : 1;
      continue;
    }
    auto stored = static_cast<float>(value + 2 * tolerance.at(value));
    value = stored != static_cast<float>(value) ? stored : std::nextafter(stored, 4 * stored + 1);
  }
  return values;
}

// A copy of a case file and its tensors in which every expected number is wrong.
void write_moved(const fs::path& file, const fs::path& folder, DType precision) {
  nlohmann::json contents = json_of(file);
  // Where an engine may raise or not there is nothing to get wrong.
  std::erase_if(contents["cases"].get_ref<nlohmann::json::array_t&>(),
                [](const nlohmann::json& one) { return one.value("why", "").find("may refuse") != std::string::npos; });
  for (auto& one : contents["cases"]) {
    nlohmann::json probes = one.value("probes", nlohmann::json::object());
    for (auto& [tensor, numbers] : probes.items()) {
      for (size_t i = 0; i < 3; ++i) {
        double number = numbers[i];
        double allowed =
            precision == DType::f64 ? f64_tolerance * number : one["probe_tolerance"][tensor][i].get<double>();
        one["probes"][tensor][i] = number + 2 * allowed;
      }
    }
    if (one.contains("scalars")) {
      for (auto& [output, sums] : one["scalars"].items()) {
        for (auto& sum : sums) {
          if (sum.is_array())
            for (auto& entry : sum) entry = entry.get<int64_t>() + 1;
          else
            sum = sum.get<int64_t>() + 1;
        }
      }
    }
    if (one.contains("raises")) one["raises"] = !one["raises"].get<bool>();
  }
  write_json(folder / file.filename(), contents);
  fs::path tensors = fs::path(file).replace_extension("safetensors");
  if (!fs::exists(tensors)) return;

  SafetensorsFile stored(tensors);
  std::map<std::string, Case> cases;
  for (const Case& one : read_cases(file)) cases.emplace(one.name(), one);
  std::vector<std::vector<float>> floats;
  std::vector<std::vector<int64_t>> integers;
  floats.reserve(stored.tensors().size());
  integers.reserve(stored.tensors().size());
  std::vector<StoredTensor> changed;
  for (const StoredTensor& tensor : stored.tensors()) {
    size_t slash = tensor.name.rfind('/');
    const Case& one = cases.at(tensor.name.substr(0, slash));
    std::string name = tensor.name.substr(slash + 1);
    if (one.has_input(name)) {
      changed.push_back(tensor);
      continue;
    }
    std::vector<double> values = moved(one, name, to_doubles(tensor), tensor.type, precision);
    if (tensor.type == StoredType::f32) {
      floats.emplace_back(values.begin(), values.end());
      changed.push_back(stored_tensor(tensor.name, tensor.shape, floats.back()));
    } else {
      integers.emplace_back(values.begin(), values.end());
      changed.push_back(stored_tensor(tensor.name, tensor.shape, integers.back()));
    }
  }
  write_safetensors(folder / tensors.filename(), changed);
}

void require_every_number_to_fail(DType precision) {
  TemporaryFolder folder;
  for (const fs::path& file : find_case_files(ops).files) write_moved(file, folder.path(), precision);
  HostContext context;
  VerifyReport report = verify(context, {folder.path()}, {.precision = precision, .filter = ""});
  CHECK(report.cases.size() == 476);
  for (const CaseResult& result : report.cases) {
    INFO(result.title);
    CHECK(result.problem == "");  // it fails by its numbers, not because it could not be run
    CHECK_FALSE(result.passed());
    for (const TensorResult& tensor : result.tensors) {
      INFO(tensor.name);
      CHECK_FALSE(tensor.passed());
    }
  }
}

TEST_CASE("every case fails when expected numbers move by twice their tolerance, f32") {
  require_every_number_to_fail(DType::f32);
}

TEST_CASE("every case fails when expected numbers move by twice their tolerance, f64") {
  require_every_number_to_fail(DType::f64);
}

TEST_CASE("a case that misses an output, or whose family or operator is unknown, fails") {
  TemporaryFolder folder;
  nlohmann::json contents = json_of(ops / "relu.json");
  contents["cases"].erase(contents["cases"].begin() + 1, contents["cases"].end());
  contents["cases"][0]["outputs"]["indices"] = {3};
  write_json(folder.path() / "relu.json", contents);
  fs::copy(ops / "relu.safetensors", folder.path());
  contents["cases"][0]["name"] = "sine/0";
  write_json(folder.path() / "sine.json", contents);
  contents["family"] = "songs";
  write_json(folder.path() / "song.json", contents);

  HostContext context;
  VerifyReport report = verify(context, {folder.path()});
  REQUIRE(report.cases.size() == 3);
  CHECK(report.cases[0].problem == "indices: 0 of 3 numbers compared");
  CHECK(report.cases[1].problem == "no runner for operator 'sine'");
  CHECK(report.cases[2].problem == "no runner for family 'songs'");
  CHECK_FALSE(report.passed());
}

TEST_CASE("a folder that holds fewer cases than its index lists fails") {
  TemporaryFolder folder;
  fs::copy(ops / "relu.json", folder.path());
  fs::copy(ops / "relu.safetensors", folder.path());
  write_json(folder.path() / "index.json",
             {{"operators", {{{"operator", "relu"}, {"cases", 5}}, {{"operator", "tanh"}, {"cases", 1}}}}});
  HostContext context;
  VerifyReport report = verify(context, {folder.path()});
  CHECK(report.families.at(0).cases_passed == 4);
  REQUIRE(report.problems.size() == 2);
  CHECK(report.problems[0].ends_with("index.json: lists 5 cases of relu, relu.json holds 4"));
  CHECK_FALSE(report.passed());
}

TEST_CASE("paths without cases and filters without a match are failures") {
  TemporaryFolder folder;
  HostContext context;
  CHECK_THROWS_AS(verify(context, {folder.path() / "nowhere"}), FileError);
  CHECK_THROWS_AS(verify(context, {folder.path()}), FileError);
  CHECK_FALSE(verify(context, {ops / "relu.json"}, {.filter = "relu/99"}).passed());
  CHECK(verify(context, {ops / "relu.json"}, {.filter = "relu/3"}).cases.size() == 1);
}

TEST_CASE("operators that a device lacks are failures, also where a call must raise") {
  struct Lacking {
    decltype(bce_with_logits_forward) whole = bce_with_logits_forward;
    Lacking() { bce_with_logits_forward.implement(Device::simt, nullptr); }
    ~Lacking() { bce_with_logits_forward = whole; }
  } lacking;
  HostContext context({.device = Device::simt});
  CaseResult loss = verify(context, {ops / "bce_with_logits.json"}, {.filter = "bce_with_logits/0"}).cases.at(0);
  CHECK(loss.problem == "bce_with_logits_forward is not built for simt; run with --device cpu");
  CHECK_FALSE(loss.passed());
  CHECK_FALSE(verify(context, {ops / "errors.json"}, {.filter = "errors/28"}).passed());  // of unequal shapes
}

TEST_CASE("tf32 rounds the operands of products, and its looser rule is for them alone") {
  HostContext context({.device = Device::simt});
  context.allow_tf32 = true;
  CaseResult matmul = verify(context, {ops / "matmul.json"}, {.filter = "matmul/19"}).cases.at(0);
  CHECK(matmul.passed());
  CHECK(matmul.worst()->share > 0.1);  // plain f32 is 2^12 times nearer
  auto allowed = [](const char* file, const char* tensor, bool tf32) {
    std::vector<double> values{1.0};
    return tolerance_of(read_cases(ops / file).at(1), tensor, values, DType::f32, DType::f32, tf32).at(1);
  };
  CHECK(allowed("matmul.json", "y", true) > 100 * allowed("matmul.json", "y", false));
  CHECK(allowed("weight_norm.json", "y", true) > 100 * allowed("weight_norm.json", "y", false));
  CHECK(allowed("weight_norm.json", "weight", true) == allowed("weight_norm.json", "weight", false));
  CHECK(allowed("tanh.json", "y", true) == allowed("tanh.json", "y", false));
}

}  // namespace
}  // namespace cuunet
