#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "proxy-service/config/load.h"

namespace vdm::proxy {

using Variables = std::map<std::string, std::string>;

/// A file of its own, gone with the test.
class File {
 public:
  explicit File(std::string_view text)
      : path_(std::filesystem::path(testing::TempDir()) /
              ("vandamme-" + std::to_string(::getpid()) + ".toml")) {
    write(text);
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::string_view text) const { std::ofstream(path_, std::ios::binary) << text; }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

inline std::variant<Config, Faults> load_with(Variables variables, std::string_view toml = "",
                                              CommandLine line = {}, const Machine& machine = {}) {
  variables.emplace("OPENAI_API_KEY", "k");
  const File file(toml);
  if (!line.config_file) line.config_file = file.path();
  return load(line, Env(std::move(variables)), machine);
}

inline Config config_with(Variables variables, std::string_view toml = "", CommandLine line = {},
                          const Machine& machine = {}) {
  auto loaded = load_with(std::move(variables), toml, std::move(line), machine);
  if (const auto* faults = std::get_if<Faults>(&loaded)) {
    for (const std::string& fault : *faults) ADD_FAILURE() << fault;
    return {};
  }
  return std::get<Config>(loaded);
}

/// The faults, without the file's path before those that come from the file.
inline Faults faults_with(Variables variables, std::string_view toml = "", CommandLine line = {}) {
  auto loaded = load_with(std::move(variables), toml, std::move(line));
  auto* faults = std::get_if<Faults>(&loaded);
  if (!faults) return {"none"};
  for (std::string& fault : *faults) {
    if (const auto at = fault.find(".toml: "); at != std::string::npos) fault.erase(0, at + 7);
  }
  return *faults;
}

}  // namespace vdm::proxy
