// A shared library that the program can do without: opened at first use, never closed.
#pragma once

#include <string>
#include <vector>

namespace cuunet {

class SharedLibrary {
 public:
  // The first of these files that can be opened; an Error that names the first and why it could not.
  explicit SharedLibrary(const std::vector<std::string>& files);

  // An Error that names library and function when it is not there.
  void* function(const char* name) const;
  const std::string& file() const { return file_; }

 private:
  void* library_ = nullptr;
  std::string file_;
};

}  // namespace cuunet
