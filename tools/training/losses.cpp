#include "tools/training/losses.h"

#include <nlohmann/json.hpp>

namespace cuunet {

nlohmann::json json_of(const Losses& losses) {
  nlohmann::json json = nlohmann::json::array();
  for (const auto& [name, value] : losses) json.push_back({name, value});
  return json;
}

Losses losses_of(const nlohmann::json& json) {
  Losses losses;
  for (const nlohmann::json& pair : json) losses.emplace_back(pair.at(0), pair.at(1));
  return losses;
}

void enter(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix) {
  for (const auto& [name, value] : losses) line[prefix + name] = value;
}

void add(Losses& sums, const Losses& losses) {
  if (sums.empty()) sums = Losses(losses.size());
  for (size_t i = 0; i < losses.size(); ++i) sums[i] = {losses[i].first, sums[i].second + losses[i].second};
}

Losses mean(const Losses& sums, int64_t count) {
  Losses means = sums;
  for (auto& [name, value] : means) value /= static_cast<double>(count);
  return means;
}

}  // namespace cuunet
