// The public files of weights that `cuunet fetch` knows, and where they are once they were fetched.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace cuunet {

struct PublicWeights {
  std::string name;        // "resnet34", "deoldify-artistic"
  std::string short_name;  // of DeOldify's also "artistic"; else empty
  std::string file;        // its name, in the cache folder as at its source
  int64_t bytes = 0;
  std::string sha256;
  std::vector<std::string> urls;  // tried in this order
};

std::span<const PublicWeights> public_weights();
const PublicWeights* find_public_weights(const std::string& name);  // null when there are none of that name

// Where they are kept: a file of cache_folder().
std::filesystem::path kept_at(const PublicWeights& weights);

// What a user named: a file, else weights by name, which have to be there. FileError: they are not, and how they get
// there, or they are of another size than published. What is neither is given back as it is.
std::filesystem::path weights_file(const std::string& file_or_name);

}  // namespace cuunet
