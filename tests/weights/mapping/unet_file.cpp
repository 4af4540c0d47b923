#include "weights/mapping/unet_file.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cuunet;
using nlohmann::json;

namespace {

json description_of(const DynamicUnetOptions& options) { return json::parse(description_text({options, 64})); }

std::string complaint(const json& description) {
  try {
    parse_description(description.dump(), "some.safetensors");
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a network's description reads back as it was written") {
  DynamicUnetOptions options;
  options.encoder = "resnet18";
  options.encoder_width = 16;
  options.norm = NormType::spectral;
  options.self_attention = true;
  options.y_range = {-3.0, 3.0};
  UnetDescription read = parse_description(description_text({options, 128}), "some.safetensors");
  CHECK(differences(read, options) == "");
  CHECK(read.trained_size == 128);
  CHECK(read.options.encoder_width == 16);
}

TEST_CASE("a file written before networks had widths and decoders holds fastai's of 64") {
  json description = description_of({});
  for (const char* later : {"encoder_width", "decoder", "decoder_width"}) description.erase(later);
  DynamicUnetOptions options = parse_description(description.dump(), "some.safetensors").options;
  CHECK(options.encoder_width == 64);
  CHECK(options.decoder == Decoder::fastai);
}

TEST_CASE("DeOldify's networks read back") {
  for (const char* name : {"artistic", "stable", "video"}) {
    CAPTURE(name);
    DynamicUnetOptions options = deoldify_options(name);
    UnetDescription read = parse_description(description_text({options, 0}), "some.safetensors");
    CHECK(differences(read, options) == "");
    CHECK(read.options.decoder_width == options.decoder_width);
  }
}

TEST_CASE("a description out of range is refused by field") {
  struct Row {
    const char* field;
    json value;
    const char* expected;
  };
  const Row rows[] = {
      {"encoder_width", 0, "encoder_width is 0, expected 1 to 512"},
      {"encoder_width", -64, "expected 1 to 512"},
      {"encoder_width", 1 << 30, "expected 1 to 512"},
      {"in_channels", 0, "expected 1 to 1024"},
      {"classes", 1 << 20, "expected 1 to 1024"},
      {"classes", "three", "no usable field 'classes'"},
      {"decoder_width", 0, "decoder_width is 0"},
      {"decoder_width", 1e9, "expected 0.1 to 8"},
      {"architecture", "vgg", "expected 'dynamic_unet'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.field);
    json description = description_of({});
    description[row.field] = row.value;
    std::string text = complaint(description);
    CHECK(text.find("some.safetensors") == 0);
    CHECK(text.find(row.expected) != std::string::npos);
  }
}
