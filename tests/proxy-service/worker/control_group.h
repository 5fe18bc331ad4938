#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace vdm::proxy {

/// A folder with the files of a control group's memory.
class ControlGroup {
 public:
  ControlGroup() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vdm-group-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    write("memory.max", "1000000\n");
    write("memory.stat", "anon 1\nfile 2\ninactive_file 100000\nactive_file 3\n");
  }
  ~ControlGroup() { std::filesystem::remove_all(folder_); }
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  std::string folder() const { return folder_.string(); }
  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path beside = folder_ / (name + ".new");
    std::ofstream(beside) << text;
    std::filesystem::rename(beside, folder_ / name);  // a reader sees all of it or the old one
  }
  /// What the kernel can drop left out.
  void uses_percent(int percent) const {
    write("memory.current", std::to_string(percent * 10'000 + 100'000) + "\n");
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace vdm::proxy
