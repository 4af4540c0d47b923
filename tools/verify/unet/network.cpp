#include "tools/verify/unet/network.h"

#include "kernels/device/error.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

using Json = nlohmann::json;
using SetOption = std::function<void(DynamicUnetOptions&, const Json&)>;

void set_range(DynamicUnetOptions& options, const Json& value) {
  options.y_range.reset();
  if (!value.is_null()) options.y_range = value.get<std::pair<double, double>>();
}

const std::map<std::string, SetOption>& fields() {
  using Options = DynamicUnetOptions;
  static const std::map<std::string, SetOption> all{
      {"arch", [](Options&, const Json&) {}},
      {"encoder", [](Options& o, const Json& v) { o.encoder = v; }},
      {"n_classes", [](Options& o, const Json& v) { o.classes = v; }},
      {"img_size", [](Options& o, const Json& v) { o.built_for = v.get<std::pair<int64_t, int64_t>>(); }},
      {"norm_type", [](Options& o, const Json& v) { o.norm = norm_type_named(v); }},
      {"self_attention", [](Options& o, const Json& v) { o.self_attention = v; }},
      {"blur", [](Options& o, const Json& v) { o.blur = v; }},
      {"blur_final", [](Options& o, const Json& v) { o.blur_final = v; }},
      {"y_range", set_range},
      {"last_cross", [](Options& o, const Json& v) { o.last_cross = v; }},
      {"bottle", [](Options& o, const Json& v) { o.bottleneck = v; }},
      {"fastai", [](Options& o, const Json& v) { o.fastai = fastai_version_named(v); }},
  };
  return all;
}

}  // namespace

DynamicUnetOptions unet_options(const Json& model, DynamicUnetOptions options) {
  for (const auto& [name, value] : model.items()) {
    auto field = fields().find(name);
    if (field == fields().end()) throw Error("a model with an unknown field '{}'", name);
    field->second(options, value);
  }
  return options;
}

}  // namespace cuunet
