#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <stdlib.h>

#include <boost/json.hpp>

namespace vdm {

/// The files of one release in tests/golden/released; the page there describes them. Thread: any.
struct Release {
  std::filesystem::path folder;
  boost::json::object expected;

  std::string path(const char* file) const { return (folder / file).string(); }
  /// The path of the day's file, "history-2026-11-28.sqlite".
  std::filesystem::path day() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".sqlite") return entry.path();
    }
    throw std::runtime_error(folder.string() + ": no day's file");
  }
};

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Every release, by name: recording another one adds a folder and needs no code.
inline std::vector<Release> releases(const std::filesystem::path& golden) {
  std::vector<Release> all;
  for (const auto& entry : std::filesystem::directory_iterator(golden / "released")) {
    if (!entry.is_directory()) continue;
    const std::string text = bytes_of(entry.path() / "expected.json");
    all.push_back({entry.path(), boost::json::parse(text).as_object()});
  }
  if (all.empty()) throw std::runtime_error("no release in " + golden.string());
  std::ranges::sort(all, {}, &Release::folder);
  return all;
}

/// Splits messages that each follow their length in four bytes, lowest byte first.
inline std::vector<std::string> unpacked(const std::string& bytes) {
  std::vector<std::string> messages;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t length = 0;
    for (int i = 3; i >= 0; --i) {
      length = length << 8 | static_cast<std::uint8_t>(bytes.at(at + static_cast<std::size_t>(i)));
    }
    if (bytes.size() - at - 4 < length) throw std::runtime_error("a message is cut off");
    messages.push_back(bytes.substr(at + 4, length));
    at += 4 + length;
  }
  return messages;
}

/// A folder that the destructor removes.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vdm-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      found.push_back(entry.path().filename().string());
    }
    std::ranges::sort(found);
    return found;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace vdm
