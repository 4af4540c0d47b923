// torchvision's files carry the first eight digits of their SHA-256 in their names; it publishes no more of them, and
// DeOldify none. The rest, and the sizes, are those that several independent public projects pin for the same files.
#include "tools/fetching/public_weights.h"

#include "kernels/device/error.h"
#include "tools/cache_folder.h"

#include <algorithm>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

PublicWeights torchvision(const char* name, int64_t bytes, const std::string& sha256) {
  std::string file = std::string(name) + "-" + sha256.substr(0, 8) + ".pth";
  return {name, "", file, bytes, sha256, {"https://download.pytorch.org/models/" + file}};
}

// DeOldify's own address, which moved more than once, then a copy.
PublicWeights deoldify(const std::string& name, const char* file, int64_t bytes, const char* sha256, const char* url) {
  std::string copy = "https://huggingface.co/spensercai/DeOldify/resolve/main/";
  return {"deoldify-" + name, name, file, bytes, sha256, {url, copy + file}};
}

std::vector<PublicWeights> all_weights() {
  return {
      torchvision("resnet18", 46'830'571, "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec"),
      torchvision("resnet34", 87'319'819, "b627a593bcbe140c234610266fe4f8ae95ea42fc881d091c9b6052e6b1d0590f"),
      torchvision("resnet50", 102'530'333, "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a"),
      torchvision("resnet101", 0, "63fe2227b86e8f1f2063f43a75c84d195911b6a0eace650907dd3dc62dd49a0a"),
      torchvision("vgg16", 553'433'881, "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0"),
      torchvision("vgg16_bn", 553'507'836, "6c64b3138f2f4fcb3bcc4cafde11619c4f440eb1631787e93a682fd88305888a"),
      torchvision("vgg19", 574'673'361, "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44"),
      deoldify("artistic", "ColorizeArtistic_gen.pth", 255'144'681,
               "3f750246fa220529323b85a8905f9b49c0e5d427099185334d048fb5b5e22477",
               "https://data.deepai.org/deoldify/ColorizeArtistic_gen.pth"),
      deoldify("stable", "ColorizeStable_gen.pth", 874'066'230,
               "ca9cd7f43fb8b222c9a70f7b292e305a000694b0ff9d2ae4a6747b1a2e1ee5af",
               "https://www.dropbox.com/s/axsd2g85uyixaho/ColorizeStable_gen.pth?dl=1"),
      deoldify("video", "ColorizeVideo_gen.pth", 874'066'230,
               "e3d98bb6a222354c79f95485c2f078a89dc724e9183662506d9e0f5aafac83ad",
               "https://data.deepai.org/deoldify/ColorizeVideo_gen.pth"),
  };
}

}  // namespace

std::span<const PublicWeights> public_weights() {
  static const std::vector<PublicWeights> all = all_weights();
  return all;
}

const PublicWeights* find_public_weights(const std::string& name) {
  auto all = public_weights();
  auto found = std::ranges::find_if(
      all, [&](const PublicWeights& one) { return !name.empty() && (one.name == name || one.short_name == name); });
  return found == all.end() ? nullptr : &*found;
}

fs::path kept_at(const PublicWeights& weights) { return cache_folder() / weights.file; }

fs::path weights_file(const std::string& file_or_name) {
  const PublicWeights* weights = find_public_weights(file_or_name);
  if (weights == nullptr || fs::exists(file_or_name)) return file_or_name;
  fs::path file = kept_at(*weights);
  if (!fs::exists(file)) {
    throw FileError("{} is not here yet: `cuunet fetch {}` gets it, or put {} into {}", weights->name, weights->name,
                    weights->file, file.parent_path().string());
  }
  auto bytes = static_cast<int64_t>(fs::file_size(file));
  if (weights->bytes != 0 && bytes != weights->bytes) {
    throw FileError("{}: has {} bytes, {} has {}; `cuunet fetch --force {}` gets it again", file.string(), bytes,
                    weights->name, weights->bytes, weights->name);
  }
  return file;
}

}  // namespace cuunet
