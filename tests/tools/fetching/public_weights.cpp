#include "tools/fetching/public_weights.h"

#include "kernels/device/error.h"
#include "tests/tools/fetching/cache_scope.h"
#include "tools/cache_folder.h"

#include <doctest/doctest.h>

#include <set>

namespace cuunet {

namespace fs = std::filesystem;

TEST_CASE("public weights: names are unique, addresses are https, hashes begin as torchvision's names say") {
  std::set<std::string> names, files;
  for (const PublicWeights& one : public_weights()) {
    CAPTURE(one.name);
    CHECK(names.insert(one.name).second);
    if (!one.short_name.empty()) CHECK(names.insert(one.short_name).second);
    CHECK(files.insert(one.file).second);
    CHECK(one.sha256.size() == 64);
    CHECK(one.sha256.find_first_not_of("0123456789abcdef") == std::string::npos);
    REQUIRE(!one.urls.empty());
    for (const std::string& url : one.urls) {
      CHECK(url.starts_with("https://"));
      CHECK(url.find(one.file) != std::string::npos);
    }
    CHECK(find_public_weights(one.name) == &one);
  }
  // As in torchvision/models/resnet.py and vgg.py.
  for (const char* file :
       {"resnet18-f37072fd.pth", "resnet34-b627a593.pth", "resnet50-0676ba61.pth", "resnet101-63fe2227.pth",
        "vgg16-397923af.pth", "vgg16_bn-6c64b313.pth", "vgg19-dcbb9e9d.pth"}) {
    CHECK(files.contains(file));
  }
  CHECK(find_public_weights("artistic") == find_public_weights("deoldify-artistic"));
  CHECK(find_public_weights("") == nullptr);
}

TEST_CASE("cache folder: its own variable first, then XDG's, then home") {
  std::string home = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  std::string before = xdg != nullptr ? xdg : "";
  {
    CacheScope scope;
    CHECK(cache_folder() == scope.folder.path);
  }
  setenv("XDG_CACHE_HOME", "/elsewhere", 1);
  CHECK(cache_folder() == fs::path("/elsewhere/cuunet"));
  unsetenv("XDG_CACHE_HOME");
  CHECK(cache_folder() == fs::path(home) / ".cache/cuunet");
  if (xdg != nullptr) setenv("XDG_CACHE_HOME", before.c_str(), 1);
}

TEST_CASE("weights_file: a file is itself, a name is what was fetched, else how it gets there") {
  CacheScope scope;
  fs::path folder = scope.folder.path, kept = folder / "ColorizeArtistic_gen.pth";
  CHECK(weights_file("model.safetensors") == "model.safetensors");
  CHECK(weights_file("") == "");
  std::string expected =
      "deoldify-artistic is not here yet: `cuunet fetch deoldify-artistic` gets it, or put ColorizeArtistic_gen.pth "
      "into " +
      folder.string();
  CHECK_THROWS_WITH_AS(weights_file("artistic"), expected.c_str(), FileError);
  write_bytes(kept, "cut");
  expected = kept.string() +
             ": has 3 bytes, deoldify-artistic has 255144681; `cuunet fetch --force deoldify-artistic` gets it again";
  CHECK_THROWS_WITH_AS(weights_file("artistic"), expected.c_str(), FileError);
  fs::resize_file(kept, 255144681);  // a hole: takes no room
  CHECK(weights_file("artistic") == kept);
  CHECK(weights_file("deoldify-artistic") == kept);
}

}  // namespace cuunet
