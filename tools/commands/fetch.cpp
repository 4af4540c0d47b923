#include "tools/commands/fetch.h"

#include "kernels/device/error.h"
#include "tools/cache_folder.h"
#include "tools/command.h"
#include "tools/fetching/fetch.h"
#include "tools/program.h"
#include "tools/text/nearest_word.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

namespace cuunet {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

double megabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

// How far a file is, on one line of the terminal that is written over; nothing where stderr is not one.
class TransferLine {
 public:
  explicit TransferLine(const std::string& name) : name_(name) {}
  ~TransferLine() { leave(); }

  void show(int64_t have, int64_t of) {
    if (first_ < 0) first_ = have;
    if (!terminal_ || (have != of && Clock::now() < next_)) return;
    next_ = Clock::now() + std::chrono::milliseconds(100);
    double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
    std::string whole = of > 0 ? fmt::format(" of {:.1f}", megabytes(of)) : "";
    fmt::print(stderr, "\r\x1b[K{}: {:.1f}{} MB, {:.1f} MB/s", name_, megabytes(have), whole,
               megabytes(have - first_) / std::max(seconds, 1e-3));
    std::fflush(stderr);
    shown_ = true;
  }
  void leave() {
    if (shown_) fmt::print(stderr, "\n");
    shown_ = false;
  }

 private:
  std::string name_;
  bool terminal_ = isatty(2) == 1, shown_ = false;
  int64_t first_ = -1;
  Clock::time_point begun_ = Clock::now(), next_{};
};

const PublicWeights& weights_named(const std::string& name) {
  if (const PublicWeights* found = find_public_weights(name)) return *found;
  std::vector<std::string> names;
  for (const PublicWeights& one : public_weights()) names.push_back(one.name);
  std::string nearest = nearest_word(name, names);
  if (!nearest.empty()) throw UsageError("no weights are called '{}', did you mean '{}'?", name, nearest);
  throw UsageError("no weights are called '{}'; `cuunet fetch --list` shows those there are", name);
}

class FetchRun {
 public:
  FetchRun(Program& program, const std::string& from, bool force) : program_(program), from_(from), force_(force) {}

  void one(const std::string& name) {
    const PublicWeights& weights = weights_named(name);
    TransferLine line(weights.name);
    Fetched fetched = fetch(weights, {.from = from_,
                                      .force = force_,
                                      .progress = [&](int64_t have, int64_t of) { line.show(have, of); },
                                      .wait =
                                          [&](std::chrono::seconds time, const std::string& why) {
                                            line.leave();
                                            fmt::print(stderr, "cuunet: {}; again in {} s\n", why, time.count());
                                            std::this_thread::sleep_for(time);
                                          }});
    line.leave();
    report(weights, fetched);
  }

  // Several names: a failure is a line, the others go on.
  void all(const std::vector<std::string>& names) {
    for (const std::string& name : names) weights_named(name);
    if (names.size() == 1) {
      one(names.front());
    } else {
      for (const std::string& name : names) one_of_several(name);
    }
    if (program_.json) fmt::print("{}\n", report_.dump(2));
  }

 private:
  void one_of_several(const std::string& name) {
    try {
      one(name);
    } catch (const Error& error) {
      fmt::print(stderr, "cuunet: error: {}\n", error.what());
      report_.push_back({{"name", name}, {"reason", error.what()}});
      program_.exit_code = 3;
    }
  }

  void report(const PublicWeights& weights, const Fetched& fetched) {
    if (program_.json) {
      report_.push_back({{"name", weights.name},
                         {"file", fetched.file.string()},
                         {"bytes", fetched.bytes},
                         {"sha256", weights.sha256},
                         {"source", fetched.source}});
      return;
    }
    fmt::print("{}: {} ({:.1f} MB, {})\n", weights.name, fetched.file.string(), megabytes(fetched.bytes),
               fetched.source.empty() ? "there already, SHA-256 checked" : "SHA-256 checked");
  }

  Program& program_;
  const std::string& from_;
  bool force_;
  Json report_ = Json::array();
};

void list(const Program& program) {
  Json all = Json::array();
  for (const PublicWeights& one : public_weights()) {
    bool there = std::filesystem::exists(kept_at(one));
    if (program.json) {
      all.push_back({{"name", one.name},
                     {"file", one.file},
                     {"bytes", one.bytes},
                     {"sha256", one.sha256},
                     {"urls", one.urls},
                     {"there", there}});
      continue;
    }
    std::string size = one.bytes > 0 ? fmt::format("{:.0f} MB", megabytes(one.bytes)) : "";
    fmt::print("{:<18} {:>7}  {:<6} {}\n", one.name, size, there ? "there" : "", one.urls.front());
  }
  if (program.json) {
    fmt::print("{}\n", all.dump(2));
  } else {
    fmt::print("kept in {}\n", cache_folder().string());
  }
}

struct Arguments {
  std::vector<std::string> names;
  std::string from;
  bool list = false, force = false;
};

void run(const Arguments& arguments, Program& program) {
  if (arguments.list) return list(program);
  if (arguments.names.empty()) throw UsageError("fetch needs a NAME; `cuunet fetch --list` shows those there are");
  if (!arguments.from.empty() && arguments.names.size() > 1) {
    throw UsageError("--from is one file, {} names were given", arguments.names.size());
  }
  FetchRun(program, arguments.from, arguments.force).all(arguments.names);
}

}  // namespace

void add_fetch(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<Arguments>();
  Command command(
      app, "fetch", "downloads public weights by name",
      "What is fetched lies in $CUUNET_CACHE, else $XDG_CACHE_HOME/cuunet, else ~/.cache/cuunet. Its SHA-256 is "
      "checked;\n"
      "a transfer that was cut goes on where it was. --model, --init, --encoder and --vgg take the names. Examples:\n"
      "  cuunet fetch --list\n"
      "  cuunet fetch resnet34 vgg16_bn && cuunet train photos --out run --encoder resnet34 --vgg vgg16_bn\n"
      "  cuunet fetch deoldify-artistic && cuunet colorize old.jpg --model artistic --out coloured\n"
      "  cuunet fetch deoldify-stable --from ~/Downloads/ColorizeStable_gen.pth");
  command.option("name", arguments->names, "torchvision's resnet34, vgg16_bn, …; deoldify-artistic, -stable, -video");
  command.option("--from", arguments->from, "another address (https:// or http://), or a file that you have");
  command.flag("--list", arguments->list, "the names, sizes and addresses, and what is there");
  command.flag("--force", arguments->force, "get it again, also if it is there");
  command.calls([arguments, &program] { run(*arguments, program); });
}

}  // namespace cuunet
