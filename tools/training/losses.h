// The loss and what it is made of, by name; the first is the whole.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cuunet {

using Losses = std::vector<std::pair<std::string, double>>;

// sums += losses; empty sums take the names of the losses.
void add(Losses& sums, const Losses& losses);
Losses mean(const Losses& sums, int64_t count);

nlohmann::json json_of(const Losses& losses);  // [["loss", 7.2], ["pixel", 0.5]]
Losses losses_of(const nlohmann::json& json);
// Fields of a line of the log, each name behind a prefix.
void enter(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix);

}  // namespace cuunet
