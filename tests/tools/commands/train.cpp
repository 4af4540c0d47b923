// The program itself, trained on pictures drawn here: killed, resumed, interrupted, given nonsense.
#include "engine/io/image_writer.h"
#include "kernels/device/error.h"
#include "kernels/device/philox.h"
#include "tests/checks/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct Workplace {
  fs::path folder = fs::temp_directory_path() / fmt::format("cuunet_train_{}", getpid());
  fs::path photos = folder / "photos";

  Workplace() {
    fs::create_directories(photos);
    RandomStream random(11, Purpose::scenes);
    for (int i = 0; i < 5; ++i) {
      Image picture(40, 36);
      for (uint8_t& level : picture.rgb) level = static_cast<uint8_t>(random.below(256));
      write_image(photos / fmt::format("{}.png", i), picture);
    }
  }
  ~Workplace() { fs::remove_all(folder); }
  fs::path run(const std::string& name) const { return folder / name; }
};

// Sends a signal when so many things have happened in the folders (files made, written, renamed). A process that ends
// before is left alone.
void signal_after(Process& process, const std::vector<fs::path>& folders, int events, int signal) {
  int watch = inotify_init1(IN_CLOEXEC);
  for (const fs::path& folder : folders) {
    inotify_add_watch(watch, folder.c_str(), IN_CREATE | IN_MODIFY | IN_MOVED_TO);
  }
  int alive = static_cast<int>(syscall(SYS_pidfd_open, process.pid(), 0));
  int seen = 0;
  while (seen < events) {
    pollfd ready[2] = {{watch, POLLIN, 0}, {alive, POLLIN, 0}};
    poll(ready, 2, -1);
    if ((ready[0].revents & POLLIN) == 0) break;  // it has ended
    alignas(inotify_event) char buffer[4096];
    ssize_t bytes = read(watch, buffer, sizeof buffer);
    for (ssize_t at = 0; at < bytes; ++seen) {
      at += static_cast<ssize_t>(sizeof(inotify_event) + reinterpret_cast<inotify_event*>(buffer + at)->len);
    }
  }
  if (seen >= events) kill(process.pid(), signal);
  close(watch);
  close(alive);
}

std::vector<std::string> training(const Workplace& place, const fs::path& run) {
  return {"train",          place.photos.string(),
          "--out",          run.string(),
          "--architecture", "resnet18",
          "--size",         "32",
          "--epochs",       "2",
          "--batch",        "2",
          "--loss",         "pixel",
          "--threads",      "1",
          "--set",          "checkpoint.every_steps=0"};
}

TEST_CASE("train: a run killed at any moment and resumed ends with the same bits as one never stopped") {
  Workplace place;
  fs::create_directories(place.run("whole"));
  Process whole(place.run("whole"), training(place, place.run("whole")));
  CHECK(whole.wait() == 0);
  CAPTURE(whole.err());
  std::string expected = contents(place.run("whole") / "model.safetensors");
  REQUIRE(!expected.empty());

  struct Row {
    int events;
    int signal;
    int exit_code;
    const char* moment;
  };
  const Row rows[] = {{2, SIGKILL, 137, "before the run folder is complete"},
                      {8, SIGKILL, 137, "after the first step"},
                      {100, SIGKILL, 137, "while the first checkpoint is written"},
                      {600, SIGKILL, 137, "while the last one is written"},
                      {8, SIGTERM, 130, "asked to stop in the middle of an epoch"}};
  int stopped = 0;
  for (const Row& row : rows) {
    CAPTURE(row.moment);
    fs::path run = place.run("stopped");
    fs::create_directories(run / "checkpoints");
    Process process(place.folder, training(place, run));
    signal_after(process, {run, run / "checkpoints"}, row.events, row.signal);
    int code = process.wait();
    CHECK((code == row.exit_code || code == 0));  // 0: it was done before the signal came
    stopped += code == row.exit_code;
    if (code == 130) {
      CHECK(process.err().find(fmt::format("cuunet train --out {} --resume", run.string())) != std::string::npos);
    }
    std::vector<std::string> again = training(place, run);
    again.push_back("--resume");
    Process resumed(place.folder, again);
    CHECK(resumed.wait() == 0);
    CAPTURE(resumed.err());
    CHECK(contents(run / "model.safetensors") == expected);
    fs::remove_all(run);
  }
  CHECK(stopped >= 4);

  fs::path run = place.run("full");
  Process full(place.folder, training(place, run), 1 << 20);
  CHECK(full.wait() == 1);
  CHECK(full.err().find("the checkpoint of stage 1, epoch 2, step 0 could not be saved: ") != std::string::npos);
  CHECK(full.err().find("File too large") != std::string::npos);
  std::vector<std::string> again = training(place, run);
  again.push_back("--resume");
  CHECK(Process(place.folder, again).wait() == 0);
  CHECK(contents(run / "model.safetensors") == expected);
}

TEST_CASE("train: a run folder is for one program at a time") {
  Workplace place;
  fs::path run = place.run("busy");
  fs::create_directories(run / "checkpoints");
  Process first(place.folder, training(place, run));
  signal_after(first, {run}, 8, SIGSTOP);
  fs::create_directories(place.folder / "second");
  Process second(place.folder / "second", {"train", "--out", run.string(), "--resume"});
  CHECK(second.wait() == 1);
  CHECK(second.err() ==
        fmt::format("cuunet: error: {}: another cuunet train is at work in this run folder\n", run.string()));
  kill(first.pid(), SIGKILL);
  CHECK(first.wait() == 137);
}

TEST_CASE("train: nonsense is answered with one line and the code of wrong usage or failure") {
  Workplace place;
  fs::path run = place.run("run"), empty = place.folder / "empty", taken = place.run("taken");
  fs::create_directories(empty);
  fs::create_directories(taken);
  std::ofstream(taken / "run.json") << "{}";
  std::ofstream(place.folder / "bad.json") << R"({"stages": [{"size": 64, "epoch": 3}]})";
  std::ofstream(place.folder / "other.safetensors") << "not weights";
  struct Row {
    std::vector<std::string> arguments;
    int exit_code;
    std::string error;
  };
  std::string photos = place.photos.string(), out = run.string();
  const Row rows[] = {
      {{"train", photos}, 2, "--out is required"},
      {{"train", "--out", out}, 2, "train: expected a folder of photographs, found none"},
      {{"train", photos, "--out", out, "--recipe", (place.folder / "bad.json").string()},
       2,
       "bad.json: stages[0].epoch: unknown field 'epoch', did you mean 'epochs'?"},
      {{"train", photos, "--out", out, "--epochs", "many"}, 2, "--epochs: expected whole numbers with commas"},
      {{"train", photos, "--out", out, "--set", "stages[0].size=31"},
       2,
       "stages[0].size: expected a whole number from 32 to 4096, found 31"},
      {{"train", photos, "--out", out, "--architecture", "resnet18", "--loss", "pixel", "--size", "32", "--batch", "1"},
       2,
       "a stage of 32 px: expected a batch of at least 2, found 1"},
      {{"train", photos, "--out", taken.string()}, 2, "holds a training run already; --resume goes on with it"},
      {{"train", "--out", out, "--resume"}, 2, "no training run to resume"},
      {{"train", empty.string(), "--out", out}, 1, empty.string()},
      {{"train", (place.folder / "nowhere").string(), "--out", out}, 1, "nowhere"},
      {{"train", photos, "--out", out, "--architecture", "resnet18", "--loss", "pixel", "--size", "32", "--init",
        (place.folder / "other.safetensors").string()},
       1,
       "other.safetensors: "},
      {{"train", photos, "--out", out, "--architecture", "resnet18", "--loss", "pixel", "--size", "512", "--memory",
        "0.5"},
       1,
       "a training step at 512 px needs about"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.error);
    Process process(place.folder, row.arguments);
    CHECK(process.wait() == row.exit_code);
    std::string error = process.err();
    CAPTURE(error);
    CHECK(error.starts_with("cuunet: error: "));
    CHECK(error.find(row.error) != std::string::npos);
    CHECK(std::count(error.begin(), error.end(), '\n') == 1);
    CHECK(!fs::exists(run));
  }
}

}  // namespace
}  // namespace cuunet
