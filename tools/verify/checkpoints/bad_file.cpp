#include "kernels/device/error.h"
#include "tools/verify/checkpoints/checkpoints.h"
#include "weights/format/crc32.h"
#include "weights/format/weights_file.h"

#include <sys/resource.h>

#include <ctime>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// What the refusal of a file has to name; the case says it in words.
struct Named {
  const char* file;
  const char* word;
};
constexpr Named named[] = {
    {"exotic_dtypes_refuse.pt", "torch.float8_e4m3fn"},
    {"fastai_export_refuse.pkl", "fastai.basic_train.ForeignLearner"},
    {"neg_bit_refuse.pt", "view flag \"neg\""},
    {"numpy_scalar_refuse.pt", "numpy._core.multiarray.scalar"},
    {"sparse_refuse.pt", "torch._utils._rebuild_sparse_tensor"},
    {"torchscript_refuse.pt", "TorchScript archive"},
    {"whole_module_refuse.pt", "my_project.models.Generator"},
    {"html.pt", "HTML"},
    {"lfs_pointer.pt", "LFS"},
};

std::string word_for(const std::string& file) {
  for (const Named& one : named) {
    if (file == one.file) return one.word;
  }
  return "";
}

// Of this thread, so that other work on the machine does not count.
double seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

int64_t peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

uint32_t fingerprint(const fs::path& path) { return crc32(MappedFile(path).bytes()); }

}  // namespace

void run_bad_file(const Case& one, Comparison& comparison) {
  const auto& json = one.json();
  auto name = json.at("file").get<std::string>();
  fs::path path = one.folder() / name;
  bool may_load = json.at("expect") == "either";
  uint32_t before = fingerprint(path);
  int64_t memory = peak_megabytes();
  double begin = seconds();
  std::string message;
  try {
    WeightsFile file(path);
    for (const StoredTensor& tensor : file.tensors()) to_doubles(tensor);
  } catch (const FileError& error) {
    message = error.what();
  }
  double took = seconds() - begin;
  memory = peak_megabytes() - memory;
  std::string word = word_for(name);
  comparison.fact("outcome", may_load || !message.empty(), fmt::format("{}: was read; expected a refusal", name));
  bool says = message.starts_with(path.string() + ": ") && message.find('\n') == std::string::npos &&
              message.find(word) != std::string::npos;
  comparison.fact("message", says || (may_load && message.empty()),
                  fmt::format("expected one line that begins with the file{}{}, got: {}",
                              word.empty() ? "" : ", names ", word, message));
  comparison.fact("cost", took < 1, fmt::format("took {:.1f} s; expected less than one", took));
  comparison.fact("cost", memory < 256, fmt::format("took {} MiB; expected less than 256", memory));
  comparison.fact("no_trace", fingerprint(path) == before, fmt::format("{}: was changed", name));
  comparison.fact("no_trace", !fs::exists("cuunet_executed_marker"), fmt::format("{}: its code was executed", name));
}

}  // namespace cuunet
