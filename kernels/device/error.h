// The one family of exceptions. Each says where, what was expected, what was found and what to do, on one line;
// the program prints it after "cuunet: error: " and exits with the code of its kind.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace cuunet {

// What went wrong decides the program's exit code: 1 for a failure, 2 for wrong usage.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  template <class... Args>
  explicit Error(fmt::format_string<Args...> text, Args&&... args) requires(sizeof...(Args) > 0)
      : std::runtime_error(fmt::format(text, std::forward<Args>(args)...)) {}
  virtual int exit_code() const { return 1; }
};

// A command line, recipe or option that asks for something that does not exist.
class UsageError : public Error {
 public:
  using Error::Error;
  int exit_code() const override { return 2; }
};

// Tensors whose shapes or types don't fit the operator. Layers put their path in front as it passes.
class ShapeError : public Error {
 public:
  using Error::Error;
};

// A file that cannot be read, written or believed.
class FileError : public Error {
 public:
  using Error::Error;
};

}  // namespace cuunet
