// libFuzzer target of everything that reads weights: safetensors, zip, pickle, the legacy format. Any bytes are read or
// refused with a FileError, and what was read can be written and read again. Built and run by tools/dev/fuzz.sh.
#include "weights/format/weights_file.h"
#include "kernels/device/error.h"
#include "weights/format/torch_writer.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

namespace {

// A file without a disk.
struct MemoryFile {
  int descriptor = memfd_create("weights", 0);
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }
  MemoryFile(const uint8_t* data, size_t size) {
    if (descriptor < 0 || write(descriptor, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~MemoryFile() { close(descriptor); }
};

void require(bool holds) {
  if (!holds) std::abort();
}

void read_numbers(const cuunet::WeightsFile& file) {
  for (const cuunet::StoredTensor& tensor : file.tensors()) {
    if (tensor.elements() > 100'000) continue;  // a tensor of stride 0 may be as large as is allowed
    require(to_doubles(tensor).size() == static_cast<size_t>(tensor.elements()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  MemoryFile bytes(data, size);
  try {
    cuunet::WeightsFile file(bytes.path());
    read_numbers(file);
    if (file.torch() == nullptr) return 0;
    for (const cuunet::StoredTensor& view : file.torch()->views()) {
      if (view.elements() > 100'000) return 0;
    }
    static const std::string copy = "/dev/shm/cuunet_fuzz_" + std::to_string(getpid());
    write_torch(copy, file.torch()->object(), file.torch()->views());
    cuunet::WeightsFile again(copy);
    require(again.tensors().size() == file.tensors().size());
    unlink(copy.c_str());
  } catch (const cuunet::FileError&) {
  }
  return 0;
}
