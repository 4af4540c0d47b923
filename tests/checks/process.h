// The program run as a user runs it.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace cuunet {

inline std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// A process of the program; what it says goes to files in `folder`.
class Process {
 public:
  // `largest_file`: bytes that a file may have; stands for a full disk.
  Process(const std::filesystem::path& folder, std::vector<std::string> arguments, rlim_t largest_file = RLIM_INFINITY)
      : out_(folder / "stdout.txt"), err_(folder / "stderr.txt") {
    arguments.insert(arguments.begin(), CUUNET_PROGRAM);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    for (auto [path, descriptor] : {std::pair{&out_, 1}, std::pair{&err_, 2}}) {
      dup2(open(path->c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), descriptor);
    }
    rlimit limit{largest_file, largest_file};
    if (largest_file != RLIM_INFINITY) setrlimit(RLIMIT_FSIZE, &limit);
    execv(argv[0], argv.data());
    _exit(127);
  }

  // The exit code, or 128 + the signal that ended it.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  pid_t pid() const { return pid_; }
  std::string out() const { return contents(out_); }
  std::string err() const { return contents(err_); }

 private:
  std::filesystem::path out_, err_;
  pid_t pid_;
};

}  // namespace cuunet
