// A command of the program: its name, options and what it does. They are entered into CLI11, whose header takes five
// seconds to compile and is therefore read in tools/command.cpp and tools/program.cpp alone.
//
//   Command command(app, "evaluate", "measures coloured photographs against the truth", "Example: …");
//   command.option("result", options->result, "a picture, or a folder of them").required();
//   command.option("--size", options->size, "pixels, both sides").within(32, 2048).shows_default();
//   command.calls([&program, options] { run(program, *options); });
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cuunet {

// Each function returns the option itself.
class CommandOption {
 public:
  explicit CommandOption(CLI::Option* option) : option_(option) {}

  CommandOption required();
  CommandOption shows_default();  // the help says the value before parsing
  CommandOption within(int64_t least, int64_t most);
  CommandOption not_negative();
  CommandOption one_of(const std::vector<std::string>& words);
  CommandOption one_at_a_time();  // of a list: --name A --name B, not --name A B
  CommandOption by_commas();      // of a list: --name A,B
  CommandOption excludes(CommandOption other);
  CommandOption needs(CommandOption other);

 private:
  CLI::Option* option_;
};

class Command {
 public:
  // `footer` ends the command's help.
  Command(CLI::App& app, const std::string& name, const std::string& description, const std::string& footer = "");

  // Names that begin with -- are options, the others arguments in their order. What is parsed is written to `value`,
  // which has to outlive the command line.
  CommandOption option(const char* name, std::string& value, const std::string& help);
  CommandOption option(const char* name, std::vector<std::string>& values, const std::string& help);
  CommandOption option(const char* name, int& value, const std::string& help);
  CommandOption option(const char* name, int64_t& value, const std::string& help);
  CommandOption option(const char* name, double& value, const std::string& help);
  CommandOption flag(const char* name, bool& value, const std::string& help);
  void calls(std::function<void()> function);

  // Whether the command line has this option of the whole program; known when the command is called.
  bool given(const std::string& shared_option) const;

 private:
  CLI::App* command_;
};

}  // namespace cuunet
