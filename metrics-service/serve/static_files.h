#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/http/reply_writer.h"

namespace vdm::metrics {

/// The dashboard's files, read once at start and served from memory: no path from a request
/// ever reaches the file system. Bounded: 64 MiB in all. Thread: any, once built.
class StaticFiles {
 public:
  /// All files below `directory`. When there is none, a page that says so is served.
  static StaticFiles load(const std::filesystem::path& directory);

  /// Answers for a path below the mount: "" or "assets/app-1a2b3c4d.js".
  http::Awaitable<void> serve(std::string_view path, const http::Request& request,
                              http::ReplyWriter& reply) const;

  std::size_t count() const { return files_.size(); }

 private:
  struct File {
    std::string content;
    std::string gzip;  ///< empty: not worth it
    std::string content_type;
    std::string etag;
    bool immutable = false;  ///< its name holds a hash of its content
  };

  const File* find(std::string_view path) const;

  std::map<std::string, File, std::less<>> files_;
};

}  // namespace vdm::metrics
