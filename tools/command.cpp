#include "tools/command.h"

#include <CLI/CLI.hpp>

#include <utility>

namespace cuunet {

CommandOption CommandOption::required() {
  option_->required();
  return *this;
}

CommandOption CommandOption::shows_default() {
  option_->capture_default_str();
  return *this;
}

CommandOption CommandOption::within(int64_t least, int64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

CommandOption CommandOption::not_negative() {
  option_->check(CLI::NonNegativeNumber);
  return *this;
}

CommandOption CommandOption::one_of(const std::vector<std::string>& words) {
  option_->check(CLI::IsMember(words));
  return *this;
}

CommandOption CommandOption::one_at_a_time() {
  option_->allow_extra_args(false);
  return *this;
}

CommandOption CommandOption::by_commas() {
  option_->delimiter(',');
  return *this;
}

CommandOption CommandOption::excludes(CommandOption other) {
  option_->excludes(other.option_);
  return *this;
}

CommandOption CommandOption::needs(CommandOption other) {
  option_->needs(other.option_);
  return *this;
}

Command::Command(CLI::App& app, const std::string& name, const std::string& description, const std::string& footer)
    : command_(app.add_subcommand(name, description)) {
  command_->footer(footer);
}

CommandOption Command::option(const char* name, std::string& value, const std::string& help) {
  return CommandOption(command_->add_option(name, value, help));
}

CommandOption Command::option(const char* name, std::vector<std::string>& values, const std::string& help) {
  return CommandOption(command_->add_option(name, values, help));
}

CommandOption Command::option(const char* name, int& value, const std::string& help) {
  return CommandOption(command_->add_option(name, value, help));
}

CommandOption Command::option(const char* name, int64_t& value, const std::string& help) {
  return CommandOption(command_->add_option(name, value, help));
}

CommandOption Command::option(const char* name, double& value, const std::string& help) {
  return CommandOption(command_->add_option(name, value, help));
}

CommandOption Command::flag(const char* name, bool& value, const std::string& help) {
  return CommandOption(command_->add_flag(name, value, help));
}

void Command::calls(std::function<void()> function) { command_->callback(std::move(function)); }

bool Command::given(const std::string& shared_option) const {
  return command_->get_parent()->get_option(shared_option)->count() > 0;
}

}  // namespace cuunet
