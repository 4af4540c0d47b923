#include "tools/report/evaluation.h"

#include "engine/io/image_writer.h"
#include "kernels/device/error.h"
#include "tools/data/scenes.h"
#include "tools/report/luminance.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

namespace cuunet {

namespace {

namespace fs = std::filesystem;

struct TemporaryFolder {
  fs::path path =
      fs::temp_directory_path() / ("cuunet_evaluation_" + std::to_string(reinterpret_cast<uintptr_t>(this)));
  TemporaryFolder() { fs::create_directories(path / "result/inner"), fs::create_directories(path / "truth/inner"); }
  ~TemporaryFolder() { fs::remove_all(path); }
  void put(const std::string& name, const Image& image) const { write_image(path / name, image); }
};

Image scene(int64_t i) { return draw_scene(1, i, 32, SceneSplit::training); }

const EvaluationFailure* failure_of(const EvaluationReport& report, const std::string& name) {
  for (const auto& failure : report.failures) {
    if (failure.name == name) return &failure;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("evaluate: folders are matched by name, what has no partner is listed") {
  TemporaryFolder folder;
  folder.put("result/a.png", scene(0));
  folder.put("truth/a.png", scene(0));
  folder.put("result/inner/b.png", grey_of(scene(1)));
  folder.put("truth/inner/b.png", scene(1));
  folder.put("result/lonely.png", scene(2));
  folder.put("truth/missing.png", scene(3));
  folder.put("result/size.png", scene(4));
  folder.put("truth/size.png", draw_scene(1, 4, 48, SceneSplit::training));
  folder.put("result/twice.png", scene(5));
  folder.put("truth/twice.png", scene(5));
  folder.put("truth/twice.jpg", scene(5));
  std::ofstream(folder.path / "result/broken.png") << "no picture";
  folder.put("truth/broken.png", scene(6));

  EvaluationReport report = evaluate(folder.path / "result", folder.path / "truth");
  REQUIRE(report.pictures.size() == 2);
  CHECK(report.pictures[0].name == "a");
  CHECK(std::isinf(report.pictures[0].measures.psnr));
  CHECK(report.pictures[1].name == "inner/b");
  CHECK(report.pictures[1].measures.colourfulness == 0);
  CHECK(report.pictures[1].measures.true_colourfulness > 10);
  CHECK(report.failures.size() == 5);
  REQUIRE(failure_of(report, "size"));
  CHECK(failure_of(report, "size")->reason ==
        "the result is 32 x 32 pixels, the truth 48 x 48; expected the same size");
  REQUIRE(failure_of(report, "twice"));
  CHECK(failure_of(report, "twice")->reason == "expected one file of that name, found twice.jpg, twice.png");
  for (const char* name : {"lonely", "missing", "broken"}) CHECK(failure_of(report, name));
  std::string text = report.text();
  CHECK(text.find("mean of 2") != std::string::npos);
  CHECK(text.find("5 not compared:") != std::string::npos);
  CHECK(text.find("  lonely: has no truth in") != std::string::npos);
}

TEST_CASE("evaluate: two files, and the numbers in JSON") {
  TemporaryFolder folder;
  folder.put("grey.png", grey_of(scene(7)));
  folder.put("truth.png", scene(7));
  EvaluationReport report = evaluate(folder.path / "grey.png", folder.path / "truth.png");
  auto json = report.json();
  REQUIRE(json["pictures"].size() == 1);
  CHECK(json["pictures"][0]["name"] == "grey.png");
  CHECK(json["mean"]["psnr"] == json["pictures"][0]["psnr"]);
  CHECK(json["mean"]["ssim"].get<double>() < 1);
  CHECK(json["failures"].empty());
  CHECK_THROWS_AS(evaluate(folder.path / "truth", folder.path / "truth.png"), UsageError);
  CHECK_THROWS_AS(evaluate(folder.path / "none", folder.path / "truth"), FileError);
}

TEST_CASE("evaluate: a mean is over the pictures, SSIM over those that have one") {
  PictureMeasures large{20, 0.5, 4, 10, 30}, tiny{30, std::nullopt, 8, 20, 40};
  PictureMeasures mean = mean_of({large, tiny});
  CHECK(mean.psnr == 25);
  CHECK(*mean.ssim == 0.5);
  CHECK(mean.ciede2000 == 6);
  CHECK(mean.colourfulness == 15);
  CHECK(mean.true_colourfulness == 35);
  Image small(4, 4);
  CHECK_FALSE(measure(small, small).ssim.has_value());
}

}  // namespace cuunet
