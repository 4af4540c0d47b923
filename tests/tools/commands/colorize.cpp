// The program given photographs, weights and folders that are not what they should be.
#include "engine/device/host_context.h"
#include "engine/io/crc32.h"
#include "engine/io/image_reader.h"
#include "engine/io/image_writer.h"
#include "kernels/device/error.h"
#include "tests/checks/process.h"
#include "weights/mapping/unet_file.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

Image gradient(int64_t width, int64_t height) {
  Image image(width, height);
  for (size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<uint8_t>(i * 7 % 251);
  return image;
}

// A PNG that says it is so large and holds nothing.
std::string claimed_png(uint32_t width, uint32_t height) {
  auto number = [](uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
    return bytes;
  };
  auto chunk = [&](const std::string& content) {
    return number(static_cast<uint32_t>(content.size()) - 4) + content +
           number(crc32(std::as_bytes(std::span(content))));
  };
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + number(width) + number(height) + std::string("\x08\x02\0\0\0", 5)) +
         chunk("IEND");
}

struct Workplace {
  fs::path folder = fs::temp_directory_path() / fmt::format("cuunet_colorize_{}", getpid());
  fs::path photos = folder / "photos", model = folder / "model.safetensors";

  Workplace() {
    fs::create_directories(photos);
    fs::create_directories(folder / "empty");
    HostContext context({.threads = 1});
    DynamicUnet network({context}, {.encoder = "resnet18", .norm = NormType::weight});
    network.initialise(5);
    save_unet(network, 32, model);
    write_image(photos / "a.png", gradient(40, 30));
    write_image(photos / "b.jpg", gradient(33, 47));
  }
  ~Workplace() { fs::remove_all(folder); }

  void write(const char* name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  std::string at(const char* name) const { return (folder / name).string(); }
};

struct Row {
  std::vector<std::string> arguments;
  int exit_code;
  std::string error;
};

void check_rows(const Workplace& place, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.error);
    Process process(place.folder, row.arguments);
    CHECK(process.wait() == row.exit_code);
    CHECK(process.err() == "cuunet: error: " + row.error + "\n");
  }
}

TEST_CASE("colorize: one line for inputs, weights and places that will not do, and nothing is made") {
  Workplace place;
  place.write("file", "");
  place.write("cut.safetensors", contents(place.model).substr(0, 1 << 20));
  place.write("photo.safetensors", contents(place.photos / "b.jpg"));
  fs::create_directories(place.folder / "twice");
  fs::copy(place.photos / "a.png", place.folder / "twice" / "a.png");
  std::string photos = place.photos.string(), model = place.model.string(), out = place.at("out");
  auto colorize = [&](const std::string& input, const std::string& weights, const std::string& folder) {
    return std::vector<std::string>{"colorize", input, "--model", weights, "--out", folder};
  };
  check_rows(
      place,
      {{{"colorize", photos, "--model", model}, 2, "colorize needs --out FOLDER, where the coloured photographs go"},
       {colorize(place.at("empty"), model, out), 1,
        place.at("empty") + ": no photographs in this folder (jpg, jpeg, png, bmp)"},
       {colorize(place.at("no"), model, out), 1, place.at("no") + ": no such file or folder"},
       {colorize(place.at("*.gif"), model, out), 1, place.at("*.gif") + ": no file matches this pattern"},
       {colorize(photos, place.at("no"), out), 1, place.at("no") + ": cannot open it: No such file or directory"},
       {colorize(photos, place.at("photos"), out), 1, photos + ": is a folder; expected a file"},
       {colorize(photos, model, place.at("file")), 1,
        place.at("file") + ": cannot create this folder: Not a directory; choose another place"},
       {colorize(photos, model, photos), 2, photos + "/a.png would be replaced by its own result; take another --out"},
       {{"colorize", photos, place.at("twice"), "--model", model, "--out", out},
        2,
        photos + "/a.png and " + place.at("twice/a.png") + " would both become " + out +
            "/a.png; colourise them into different folders"}});
  for (const char* weights : {"cut.safetensors", "photo.safetensors"}) {
    Process process(place.folder, colorize(photos, place.at(weights), out));
    CHECK(process.wait() == 1);
    std::string error = process.err();
    CAPTURE(error);
    CHECK(error.starts_with("cuunet: error: " + place.at(weights) + ": not a valid safetensors file: "));
    CHECK(error.find("the file is cut short or ") != std::string::npos);
    CHECK(std::count(error.begin(), error.end(), '\n') == 1);
  }
  CHECK(!fs::exists(out));
}

TEST_CASE("colorize: photographs that cannot be read are a line each, the others are done, and kept when run again") {
  Workplace place;
  std::string jpeg = contents(place.photos / "b.jpg");
  place.write("photos/cut.jpg", jpeg.substr(0, jpeg.size() / 2));
  place.write("photos/huge.png", claimed_png(10000, 10000));
  place.write("photos/text.jpg", "hello");
  place.write("photos/zero.png", claimed_png(0, 5));
  std::vector<std::string> arguments{"colorize", place.photos.string(), "--model", place.model.string(),
                                     "--out",    place.at("out")};
  Process process(place.folder, arguments);
  CHECK(process.wait() == 3);
  CHECK(process.out().find("2 coloured, 4 failed") != std::string::npos);
  std::string error = process.err();
  CAPTURE(error);
  CHECK(std::count(error.begin(), error.end(), '\n') == 4);
  for (const char* line :
       {"/cut.jpg: is damaged or cut short (Premature end of JPEG file); expected a whole JPEG\n",
        "/huge.png: 10000 x 10000 pixels (100.0 megapixels) need 1800 MB of memory; at most 64 megapixels and ",
        "/text.jpg: is not an image; expected JPEG, PNG or BMP, found bytes 68 65 6c 6c …\n",
        "/zero.png: is 0 x 5 pixels; expected at least 1 x 1\n"}) {
    CHECK(error.find("cuunet: error: " + place.photos.string() + line) != std::string::npos);
  }
  CHECK(std::distance(fs::directory_iterator(place.at("out")), {}) == 2);

  place.write("out/a.png", "mine now");
  Process again(place.folder, arguments);
  CHECK(again.wait() == 3);
  CHECK(again.out().find("0 coloured, 2 there already (--force does them again), 4 failed") != std::string::npos);
  CHECK(contents(place.at("out/a.png")) == "mine now");
}

TEST_CASE("colorize: a DeOldify generator takes folders, --compare, --raw and --watermark") {
  Workplace place;
  HostContext context({.threads = 1});
  DynamicUnet network({context}, deoldify_options(Decoder::deep, "resnet18", 0.5));
  network.initialise(5);
  write_safetensors(place.folder / "deoldify.safetensors", StoredState(network, "").tensors());
  std::string model = place.at("deoldify.safetensors");
  auto colorize = [&](const char* out, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"colorize", place.photos.string(), "--model", model, "--out", place.at(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Process process(place.folder, arguments);
    int code = process.wait();
    CHECK(code == (process.err().empty() ? 0 : 2));
    return process.err();
  };
  auto coloured = [&](const char* out, std::vector<std::string> more) {
    more.insert(more.end(), {"--render-factor", "2"});
    CHECK(colorize(out, more) == "");
    return read_image(place.folder / out / "a.png");
  };
  Image plain = coloured("plain", {}), raw = coloured("raw", {"--raw"});
  Image marked = coloured("marked", {"--watermark", "on"}), both = coloured("both", {"--compare"});
  CHECK(plain.rgb != raw.rgb);
  CHECK(plain.rgb != marked.rgb);
  CHECK(both.width == 2 * plain.width);
  CHECK(std::equal(both.pixel(3, plain.width), both.pixel(3, plain.width) + 3 * plain.width, plain.pixel(3, 0)));
  CHECK(colorize("size", {"--size", "64"}) ==
        "cuunet: error: " + model + ": is DeOldify's; its size is --render-factor N: 16 N pixels\n");
}

TEST_CASE("colorize: a full disk is named, and nothing partial is left") {
  Workplace place;
  Process process(place.folder,
                  {"colorize", place.photos.string(), "--model", place.model.string(), "--out", place.at("out")}, 1000);
  CHECK(process.wait() == 3);
  CHECK(process.err().find("a.png: cannot write it: File too large; nothing was changed in folder") !=
        std::string::npos);
  CHECK(fs::is_empty(place.at("out")));
}

TEST_CASE("evaluate: one line for what cannot be compared at all; pictures that cannot are listed") {
  Workplace place;
  place.write("photos/huge.png", claimed_png(10000, 10000));
  place.write("photos/text.jpg", "hello");
  std::string photos = place.photos.string();
  check_rows(place, {{{"evaluate", photos, place.at("no")}, 1, place.at("no") + ": no such file or folder"},
                     {{"evaluate", photos, place.at("empty")},
                      1,
                      place.at("empty") + ": no photographs in this folder (jpg, jpeg, png, bmp)"},
                     {{"evaluate", photos, place.model.string()},
                      2,
                      "evaluate: expected two files or two folders, got a folder (" + photos + ") and a file (" +
                          place.model.string() + ")"}});
  Process process(place.folder, {"evaluate", photos, photos});
  CHECK(process.wait() == 3);
  CHECK(process.out().find("2 not compared:\n  huge: " + photos +
                           "/huge.png: 10000 x 10000 pixels (100.0 megapixels) "
                           "need 1100 MB of memory; at most 64 megapixels") != std::string::npos);
  CHECK(process.out().find("\n  text: " + photos + "/text.jpg: is not an image") != std::string::npos);
}

}  // namespace
}  // namespace cuunet
