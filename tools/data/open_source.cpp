#include "tools/data/open_source.h"

#include "kernels/device/error.h"
#include "tools/data/photo_folder.h"
#include "tools/data/scenes.h"

#include <charconv>
#include <vector>

namespace cuunet {
namespace {

constexpr int64_t scene_pixels = 128;  // both sides; the loader makes them smaller where a stage wants less

class DrawnScenes final : public PhotoSource {
 public:
  DrawnScenes(uint64_t seed, int64_t count, SceneSplit split) : seed_(seed), count_(count), split_(split) {}
  int64_t count() const override { return count_; }
  std::string name(int64_t i) const override { return scene_name(seed_, i, split_); }
  Image load(int64_t i) const override { return draw_scene(seed_, i, scene_pixels, split_); }

 private:
  uint64_t seed_;
  int64_t count_;
  SceneSplit split_;
};

std::vector<std::string> parts_of(const std::string& words) {
  std::vector<std::string> parts{""};
  for (char c : words) {
    if (c == ':')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

bool is_count(const std::string& text, uint64_t& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool names_scenes(const std::string& words) { return words.starts_with("scenes:"); }

std::shared_ptr<const PhotoSource> open_source(const std::string& words) {
  if (!names_scenes(words)) return std::make_shared<PhotoFolder>(words);
  std::vector<std::string> parts = parts_of(words);
  uint64_t seed = 0, count = 0;
  bool unseen = parts.size() == 4 && parts[3] == "unseen";
  if (!(parts.size() == 3 || unseen) || !is_count(parts[1], seed) || !is_count(parts[2], count) || count == 0) {
    throw UsageError("drawn scenes are written scenes:SEED:COUNT or scenes:SEED:COUNT:unseen, got '{}'", words);
  }
  return std::make_shared<DrawnScenes>(seed, static_cast<int64_t>(count),
                                       unseen ? SceneSplit::unseen : SceneSplit::training);
}

}  // namespace cuunet
