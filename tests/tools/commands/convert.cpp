// `cuunet convert --check` with stand-ins for the Python that has ONNX Runtime.
#include "engine/device/host_context.h"
#include "tests/checks/process.h"
#include "tests/weights/format/temporary_folder.h"
#include "weights/mapping/unet_file.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// A small network in a file, and a program that answers in Python's place.
struct Fixture {
  TemporaryFolder folder{"convert_check"};
  fs::path weights = folder.path / "model.safetensors", onnx = folder.path / "model.onnx",
           python = folder.path / "python";
  std::string out, err;

  Fixture() {
    HostContext context{{.threads = 1}};
    DynamicUnet network({context}, {.encoder = "resnet18", .encoder_width = 8});
    network.initialise(1);
    save_unet(network, 0, weights);
    setenv("CUUNET_PYTHON", python.c_str(), 1);
  }
  ~Fixture() { unsetenv("CUUNET_PYTHON"); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  // It is called as: python -c SCRIPT MODEL FOLDER THREADS
  void answer(const std::string& shell) const {
    write_bytes(python, "#!/bin/sh\nmodel=$3\ncd \"$4\"\n" + shell);
    fs::permissions(python, fs::perms::owner_all);
  }
  int run(std::vector<std::string> options = {"--check"}) {
    options.insert(options.begin(), {"convert", weights.string(), onnx.string(), "--force"});
    Process process(folder.path, options);
    int code = process.wait();
    out = process.out(), err = process.err();
    return code;
  }
  std::string complaint() { return err.substr(err.find("model.onnx")); }
};

// 3 channels at 64 x 64 and at 66 x 70, in a batch of two.
std::string zeros(const std::string& first_shape) {
  return "head -c 98304 /dev/zero > output_0_0\nhead -c 110880 /dev/zero > output_1_0\n"
         "echo '{\"version\": \"9.9\", \"runs\": [[{\"name\": \"output\", \"shape\": " +
         first_shape + "}], [{\"name\": \"output\", \"shape\": [2, 3, 66, 70]}]]}' > outputs.json\n";
}

}  // namespace

TEST_CASE("convert --check: no Python, or one without ONNX Runtime, fails and says how to get it") {
  Fixture f;
  CHECK(f.run() == 1);
  std::string how =
      "; install it (`make bench-peers`, or pip install onnxruntime) or name a Python that has it in "
      "CUUNET_PYTHON\n";
  std::string head = "model.onnx: was written, but NOT compared with ONNX Runtime (" + f.python.string();
  CHECK(f.complaint() == head + ": cannot be started)" + how);
  f.answer("echo \"No module named 'onnxruntime'\" >&2\nexit 3\n");
  CHECK(f.run() == 1);
  CHECK(f.complaint() == head + ": No module named 'onnxruntime')" + how);
  CHECK(fs::exists(f.onnx));
}

TEST_CASE("convert --check: what ONNX Runtime complains of is the message") {
  Fixture f;
  f.answer("echo Traceback >&2\necho 'InvalidGraph: no Relu here' >&2\necho >&2\nexit 1\n");
  CHECK(f.run() == 1);
  CHECK(f.complaint() ==
        "model.onnx: ONNX Runtime (" + f.python.string() + ") failed with code 1: InvalidGraph: no Relu here\n");
  f.answer("kill -9 $$\n");
  CHECK(f.run() == 1);
  CHECK(f.complaint().ends_with("failed with code 137: it said nothing\n"));
  f.answer("exit 0\n");
  CHECK(f.run() == 1);
  CHECK(f.complaint().find("gave an answer that cannot be read") != std::string::npos);
}

TEST_CASE("convert --check: another output than ours fails") {
  Fixture f;
  f.answer(zeros("[2, 3, 64, 64]"));
  CHECK(f.run() == 1);
  CHECK(f.complaint() ==
        "model.onnx: ONNX Runtime 9.9 is off by 1.0e+00 of the largest value, more than 1e-04; don't "
        "use the file, and please report which network it was\n");
  CHECK(f.out.find("  66x70: output [2, 3, 66, 70] off by ") != std::string::npos);
  f.answer(zeros("[2, 3, 32, 128]"));
  CHECK(f.run() == 1);
  CHECK(f.complaint() ==
        "model.onnx: ONNX Runtime gives output [2, 3, 32, 128], expected output [2, 3, 64, 64]; please report it\n");
}

// The folder that the stand-in is given holds inputs; ours of the same go back by `forward`.
TEST_CASE("convert --check: the same output passes") {
  Fixture f;
  std::string program = CUUNET_PROGRAM;
  f.answer(
      "head='{\"input\":{\"dtype\":\"F32\",\"shape\":[2,3,64,64],\"data_offsets\":[0,98304]}}'\n"
      "{ printf '\\110\\0\\0\\0\\0\\0\\0\\0%s  ' \"$head\"; cat input_0_0; } > in.safetensors\n" +
      program + " forward --threads 1 " + f.weights.string() +
      " in.safetensors out.safetensors\ntail -c 98304 out.safetensors > output_0_0\n"
      "echo '{\"version\": \"9.9\", \"runs\": [[{\"name\": \"output\", \"shape\": [2, 3, 64, 64]}]]}' > "
      "outputs.json\n");
  CHECK(f.run({"--check", "--check-sizes", "64x64", "--json", "--threads", "1"}) == 0);
  CAPTURE(f.err);
  auto parity = nlohmann::json::parse(f.out).at("parity");
  CHECK(parity.at("onnxruntime") == "9.9");
  CHECK(parity.at("worst") == 0);
  CHECK(parity.at("rows").at(0).at("largest") > 0);
  CHECK(parity.at("rows").size() == 1);
}

TEST_CASE("convert --check: wrong usage is said before anything is written") {
  Fixture f;
  CHECK(f.run({"--check", "--check-sizes", "64x0"}) == 2);
  CHECK(f.err ==
        "cuunet: error: --check-sizes 64x0 (height x width): the network takes sides that are multiples of "
        "2\n");
  CHECK(f.run({"--check", "--check-sizes", "64"}) == 2);
  CHECK(f.err == "cuunet: error: --check-sizes takes height x width like 64x96, got '64'\n");
  CHECK(f.run({"--check-sizes", "64x64"}) == 2);
  CHECK_FALSE(fs::exists(f.onnx));
  f.onnx.replace_extension(".pth");
  CHECK(f.run() == 2);
  CHECK_FALSE(fs::exists(f.onnx));
}

}  // namespace cuunet
