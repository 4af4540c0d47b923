#include "tools/commands/colorize.h"

#include "engine/io/image_reader.h"
#include "engine/io/image_writer.h"
#include "tools/colorizing/colorizer.h"
#include "tools/colorizing/photographs.h"
#include "tools/colorizing/watermark.h"
#include "tools/command.h"
#include "tools/fetching/public_weights.h"
#include "tools/program.h"
#include "tools/training/batch_planner.h"

#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct ColorizeOptions {
  std::vector<std::string> inputs;
  std::string model, out;
  ColorizerOptions colorizer;
  std::string watermark = "off";
  bool compare = false, force = false, partial = false;
  int quality = 95;
  double most_megapixels = ReadOptions{}.most_megapixels;
};

struct Failure {
  std::string file, reason;
};

ReadOptions read_options(const ColorizeOptions& options) {
  ReadOptions read;
  read.most_megapixels = options.most_megapixels;
  read.most_bytes = static_cast<int64_t>(available_memory());
  read.bytes_per_pixel_in_use = colorizing_bytes_per_pixel * (options.compare ? 2 : 1);
  read.remedy = "make the image smaller, or allow more with --max-megapixels where there is the memory";
  return read;
}

// Before and after, side by side.
Image side_by_side(const Image& left, const Image& right) {
  Image both(left.width + right.width, left.height);
  for (int64_t y = 0; y < left.height; ++y) {
    std::copy_n(left.pixel(y, 0), left.width * 3, both.pixel(y, 0));
    std::copy_n(right.pixel(y, 0), right.width * 3, both.pixel(y, left.width));
  }
  return both;
}

// JPEG and PNG stay what they are, everything else becomes PNG.
fs::path result_path(const ColorizeOptions& options, const FoundPhotograph& photograph) {
  fs::path path = fs::path(options.out) / photograph.relative;
  try {
    image_format_of(path);
  } catch (const UsageError&) {
    path.replace_extension(".png");
  }
  return path;
}

// Two inputs whose results would be one file are refused before any work is done.
void require_distinct_results(const ColorizeOptions& options, const std::vector<FoundPhotograph>& photographs) {
  std::map<fs::path, fs::path> results;
  for (const FoundPhotograph& photograph : photographs) {
    auto [other, inserted] = results.emplace(result_path(options, photograph), photograph.file);
    if (!inserted) {
      throw UsageError("{} and {} would both become {}; colourise them into different folders", other->second.string(),
                       photograph.file.string(), other->first.string());
    }
    if (fs::exists(other->first) && fs::equivalent(other->first, photograph.file)) {
      throw UsageError("{} would be replaced by its own result; take another --out", photograph.file.string());
    }
  }
}

class ColorizeRun {
 public:
  ColorizeRun(Program& program, const ColorizeOptions& options)
      : program_(program),
        options_(options),
        context_(program.make_context()),
        colorizer_(*context_, weights_file(options.model), options.colorizer) {
    for (const std::string& note : colorizer_.notes()) fmt::print(stderr, "cuunet: note: {}\n", note);
  }

  void pipe();
  void files();

 private:
  void one(const FoundPhotograph& photograph, const fs::path& result);
  Image coloured(const Image& image) {
    Image result = colorizer_(image);
    if (options_.watermark == "on") draw_watermark(result);
    return options_.compare ? side_by_side(image, result) : result;
  }
  void report() const;

  Program& program_;
  const ColorizeOptions& options_;
  std::unique_ptr<Context> context_;
  Colorizer colorizer_;
  int done_ = 0, there_already_ = 0;
  std::vector<Failure> failures_;
};

// "-": one photograph from standard input, PNG to standard output.
void ColorizeRun::pipe() {
  std::vector<char> bytes{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  Image image = read_image(std::as_bytes(std::span(bytes)), "standard input", read_options(options_));
  std::vector<std::byte> png = encode_png(coloured(image));
  std::fwrite(png.data(), 1, png.size(), stdout);
}

void ColorizeRun::one(const FoundPhotograph& photograph, const fs::path& result) {
  DescribedImage input = read_image_with_metadata(photograph.file, read_options(options_));
  Image output = coloured(input.image);
  make_folder(result.parent_path());
  Existing existing = options_.force ? Existing::replace : Existing::refuse;
  write_image(result, output, {.quality = options_.quality, .existing = existing, .metadata = input.metadata});
}

void ColorizeRun::files() {
  std::vector<FoundPhotograph> photographs = find_photographs(options_.inputs);
  require_distinct_results(options_, photographs);
  make_folder(options_.out);
  for (const FoundPhotograph& photograph : photographs) {
    fs::path result = result_path(options_, photograph);
    if (fs::exists(result) && !options_.force) {
      ++there_already_;
      continue;
    }
    try {
      one(photograph, result);
      ++done_;
      if (!program_.json) fmt::print("{} -> {}\n", photograph.file.string(), result.string());
    } catch (const std::exception& error) {
      failures_.push_back({photograph.file.string(), error.what()});
      fmt::print(stderr, "cuunet: error: {}\n", error.what());
    }
    std::fflush(stdout);
  }
  report();
  if (!failures_.empty()) program_.exit_code = 3;
}

void ColorizeRun::report() const {
  if (program_.json) {
    nlohmann::ordered_json failed = nlohmann::ordered_json::array();
    for (const Failure& failure : failures_) failed.push_back({{"file", failure.file}, {"reason", failure.reason}});
    nlohmann::ordered_json all{{"coloured", done_}, {"there_already", there_already_}, {"failed", failed}};
    fmt::print("{}\n", all.dump(2));
    return;
  }
  fmt::print("{} coloured", done_);
  if (there_already_ > 0) fmt::print(", {} there already (--force does them again)", there_already_);
  if (!failures_.empty()) fmt::print(", {} failed", failures_.size());
  fmt::print("\n");
}

void run(Program& program, ColorizeOptions& options) {
  options.colorizer.features = program.feature_dtype();
  options.colorizer.fit = options.partial ? Fit::partial : Fit::strict;
  if (options.inputs == std::vector<std::string>{"-"}) return ColorizeRun(program, options).pipe();
  if (options.out.empty()) throw UsageError("colorize needs --out FOLDER, where the coloured photographs go");
  ColorizeRun(program, options).files();
}

}  // namespace

void add_colorize(CLI::App& app, Program& program) {
  auto options = std::make_shared<ColorizeOptions>();
  Command command(app, "colorize", "colourises photographs",
                  "Examples:\n"
                  "  cuunet colorize old.jpg --model run/model.safetensors --out coloured\n"
                  "  cuunet colorize old.jpg --model artistic --render-factor 20 --out coloured   DeOldify's way\n"
                  "  cuunet colorize album/ 'scans/*.png' --model run/model.safetensors --out coloured --compare\n"
                  "  cuunet colorize - --model run/model.safetensors < old.jpg > coloured.png");
  command.option("input", options->inputs, "files, folders, patterns, or - for a pipe").required();
  command
      .option("--model", options->model,
              "a U-Net's weights: what `cuunet train` saves, fastai's .pth, DeOldify's; or artistic, stable, video, "
              "which `cuunet fetch` gets")
      .required();
  command.option("--out", options->out, "folder for the results; what is there already is not done again");
  command.option("--size", options->colorizer.size, "short side the network works at; 0 = as it was trained")
      .within(0, 4096);
  command
      .option("--render-factor", options->colorizer.render_factor,
              "of DeOldify's models: they work at a square of 16 N pixels; 0 = 35")
      .within(0, 256);
  command.flag("--partial", options->partial, "load what fits of the model's file, and say what was left out");
  command.flag("--raw", options->colorizer.raw, "the network's own luminance, not the photograph's");
  command
      .option("--watermark", options->watermark,
              "on: a small palette in the lower left corner, our own drawing, where DeOldify puts its icon")
      .one_of({"on", "off"})
      .shows_default();
  command.flag("--compare", options->compare, "before and after side by side");
  command.flag("--force", options->force, "replace results that are there");
  command.option("--quality", options->quality, "of JPEG results").within(1, 100).shows_default();
  command.option("--max-megapixels", options->most_megapixels, "refuse larger pictures").shows_default();
  command.calls([&program, options] { run(program, *options); });
}

}  // namespace cuunet
