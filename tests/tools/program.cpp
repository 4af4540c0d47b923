// The program's front door: commands and options that exist, and those that do not.
#include "tools/program.h"

#include "kernels/conv/conv2d.h"
#include "kernels/device/error.h"
#include "tests/checks/process.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("cuunet_program_{}", getpid());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

TEST_CASE("program: what does not exist is answered with one line and the exit code of wrong usage") {
  Folder folder;
  struct Row {
    std::vector<std::string> arguments;
    std::string error;
    int exit_code = 2;
  };
  const Row rows[] = {
      {{"nonsense"}, "unknown command 'nonsense'; 'cuunet help' lists the commands"},
      {{"trian"}, "unknown command 'trian', did you mean 'train'?"},
      {{"--threads", "1", "trian"}, "unknown command 'trian', did you mean 'train'?"},
      {{"help", "colourize"}, "unknown command 'colourize', did you mean 'colorize'?"},
      {{"train", "photos", "--out", "run", "--epoch", "3"}, "unknown option '--epoch', did you mean '--epochs'?"},
      {{"doctor", "--frobnicate"}, "unknown option '--frobnicate'; --help lists what there is"},
      {{"doctor", "now"}, "doctor: 'now' is one word too many; --help shows what it takes"},
      {{"doctor", "--threads", "-1"}, "--threads: Value -1 not in range 0 to 1024"},
      {{"doctor", "--max-isa", "sse"}, "--max-isa takes baseline, avx2 or avx512, got 'sse'"},
      {{"doctor", "--device", "gpu"}, "--device takes auto, cpu, cuda, cuda:N (verify also: simt), got 'gpu'"},
      {{"doctor", "--device", "cuda:x"}, "--device takes auto, cpu, cuda, cuda:N (verify also: simt), got 'cuda:x'"},
      {{"doctor", "--precision", "f16"}, "--precision takes f32, tf32, bf16 or f64, got 'f16'"},
      {{"bench", "--device", "simt"}, "--device simt is for verify; run with --device cpu"},
      {{"bench", "--precision", "f64"}, "--precision f64 is for verify and forward; take f32 or bf16"},
      {{"verify", "cases", "--thread-order", "reverse"},
       "--thread-order is for --device simt; the cpu has no order to choose"},
      {{"train", "photos", "--out", "run", "--precision", "tf32"},
       "--precision tf32 is a format of NVIDIA's tensor cores, the cpu has none; take f32 or bf16"},
      {{"bench", "--conv-backend", "cublas"}, "--conv-backend takes native, cudnn or auto, got 'cublas'"},
      {{"bench", "--device", "cpu", "--conv-backend", "cudnn"},
       "--conv-backend cudnn is for a GPU; add --device cuda, or leave it out"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.error);
    Process process(folder.path, row.arguments);
    CHECK(process.wait() == row.exit_code);
    CHECK(process.err() == "cuunet: error: " + row.error + "\n");
  }
}

TEST_CASE("program: verify has the host executor, or says in one line how to get it") {
  Folder folder;
  Process process(folder.path, {"verify", "cases", "--device", "simt"});
  CHECK(process.wait() == 1);
  bool missing =
      process.err() ==
      "cuunet: error: --device simt: this program was built without the host executor; `make build` adds it\n";
  CHECK(missing != conv2d_forward.built_for(Device::simt));
}

TEST_CASE("program: a GPU that cannot be had is one line that says what to do, for every command that computes") {
  Folder folder;
  const std::vector<std::string> commands[] = {{"train", "photos", "--out", "run"},
                                               {"colorize", "old.jpg", "--model", "m", "--out", "out"},
                                               {"examine", "m", "--training", "a", "--unseen", "b"},
                                               {"bench"},
                                               {"verify", "cases"}};
  for (std::vector<std::string> arguments : commands) {
    CAPTURE(arguments.front());
    arguments.insert(arguments.end(), {"--device", "cuda:1"});
    Process process(folder.path, arguments);
    CHECK(process.wait() == 1);
    std::string error = process.err();
    CAPTURE(error);
    CHECK(error.starts_with("cuunet: error: --device cuda:1: "));
    CHECK(error.ends_with("run with --device cpu\n"));
    CHECK(std::count(error.begin(), error.end(), '\n') == 1);
  }
  Process automatic(folder.path, {"doctor", "--device", "auto"});
  CHECK(automatic.wait() == 0);
  CHECK(automatic.out().find("device           cpu") != std::string::npos);
  Process doctor(folder.path, {"doctor", "--device", "cuda"});
  CHECK(doctor.wait() == 0);
  CHECK(doctor.out().find("device           cuda: ") != std::string::npos);
}

TEST_CASE("program: --device with every command") {
  Folder folder;
  const std::string refused = "cuunet: error: --device simt is for verify; run with --device cpu\n";
  struct Row {
    std::vector<std::string> arguments;
    std::string simt, cuda;  // how what is said begins; cuda: on a machine without that GPU
  };
  const std::string no_gpu = "cuunet: error: --device cuda:9: ";
  auto unused = [](const char* command, const char* device) {
    return fmt::format("cuunet: {} uses the cpu alone; --device {} changes nothing\n", command, device);
  };
  const Row rows[] = {
      {{"train", "photos", "--out", "run"}, refused, no_gpu},
      {{"colorize", "old.jpg", "--model", "m", "--out", "out"}, refused, no_gpu},
      {{"examine", "m", "--training", "a", "--unseen", "b"}, refused, no_gpu},
      {{"bench"}, refused, no_gpu},
      {{"forward", "m", "in", "out"}, refused, no_gpu},
      {{"convert", "m.pth", "m.safetensors"}, refused, no_gpu},
      {{"doctor"}, refused, ""},
      {{"verify", "nowhere"}, "cuunet: error: nowhere: ", no_gpu},
      {{"evaluate", "a.png", "b.png"}, unused("evaluate", "simt"), unused("evaluate", "cuda:9")},
      {{"inspect", "m.pth"}, unused("inspect", "simt"), unused("inspect", "cuda:9")},
      {{"fetch", "--list"}, unused("fetch", "simt"), unused("fetch", "cuda:9")},
  };
  for (const Row& row : rows) {
    for (const char* device : {"simt", "cuda:9"}) {
      CAPTURE(row.arguments.front());
      CAPTURE(device);
      std::vector<std::string> arguments = row.arguments;
      arguments.insert(arguments.end(), {"--device", device});
      Process process(folder.path, arguments);
      process.wait();
      std::string said = process.err();
      CAPTURE(said);
      CHECK(said.starts_with(device == std::string("simt") ? row.simt : row.cuda));
    }
  }
  Process slip(folder.path, {"evaluate", "a.png", "b.png", "--device", "gpu"});
  CHECK(slip.wait() == 2);
}

TEST_CASE("program: help shows the commands on one screen, and what a command takes") {
  Folder folder;
  Process help(folder.path, {"help"});
  CHECK(help.wait() == 0);
  std::string page = help.out();
  CHECK(page.find("colorize") != std::string::npos);
  CHECK(std::count(page.begin(), page.end(), '\n') <= 40);  // lines of a small terminal window
  Process nothing(folder.path, {});
  CHECK(nothing.wait() == 0);
  CHECK(nothing.out() == page);

  Process train(folder.path, {"help", "train"});
  CHECK(train.wait() == 0);
  CHECK(train.out().find("Usage: cuunet train [OPTIONS] [photos]") != std::string::npos);
  CHECK(train.out().find("examples:") != std::string::npos);
}

}  // namespace
}  // namespace cuunet
