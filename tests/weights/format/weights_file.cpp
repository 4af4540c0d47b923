#include "weights/format/weights_file.h"

#include "tests/weights/format/temporary_folder.h"

#include <doctest/doctest.h>

#include <fstream>

namespace cuunet {
namespace {

// One tensor of one number; the header is padded with blanks to a length.
void write_padded(const std::filesystem::path& path, uint64_t header_length) {
  std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  header.resize(header_length, ' ');
  std::string length(8, '\0');
  for (size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(header_length >> (8 * i));
  std::ofstream(path, std::ios::binary) << length << header << std::string(4, '\0');
}

TEST_CASE("safetensors are told from pickles and archives, however their length begins") {
  TemporaryFolder folder("weights_file");
  for (uint64_t length : {0x100, 0x280, 0x4B50}) {  // plain, as a pickle of protocol 2, as "PK"
    CAPTURE(length);
    write_padded(folder.path / "a.bin", length);
    WeightsFile file(folder.path / "a.bin");
    CHECK(file.format() == WeightsFormat::safetensors);
    CHECK(file.tensors().size() == 1);
  }
}

}  // namespace
}  // namespace cuunet
