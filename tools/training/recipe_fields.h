// Reads JSON objects field by field with the errors of a recipe: file, field, expected, found.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cuunet {

// Throws the UsageError of one field: "article.json: stages[2].size: expected …, found …".
[[noreturn]] void throw_field(const std::string& source, const std::string& path, const std::string& expected,
                              const std::string& found);

struct NumberRange {
  double low, high;
  bool low_allowed = true;
};

// One object of the document. Every getter leaves `value` alone when the field is not there; finish() throws for
// fields that no getter asked for.
class RecipeFields {
 public:
  RecipeFields(const std::string& source, std::string path, const nlohmann::json& object);

  bool has(const char* name);
  const nlohmann::json* find(const char* name);
  void integer(const char* name, int& value, int low, int high);
  void unsigned_integer(const char* name, uint64_t& value);
  void number(const char* name, double& value, NumberRange range);
  void boolean(const char* name, bool& value);
  void text(const char* name, std::string& value);
  void choice(const char* name, std::string& value, const std::vector<std::string>& choices);
  // Two numbers [low, high]; false when the field is null or not there.
  bool pair(const char* name, double& first, double& second);
  // An object within this one, read by `read`.
  void object(const char* name, const std::function<void(RecipeFields&)>& read);
  void finish() const;

  const std::string& source() const { return source_; }
  std::string path_of(const std::string& name) const { return path_.empty() ? name : path_ + "." + name; }
  [[noreturn]] void fail(const char* name, const std::string& expected) const;

 private:
  std::string source_, path_;
  const nlohmann::json& object_;
  std::vector<std::string> known_;
};

}  // namespace cuunet
