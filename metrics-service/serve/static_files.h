#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/http/reply_writer.h"

namespace vdm::metrics {

/// The dashboard's files, read once at start and served from memory: the service never opens a file
/// for a path in a request. At most 64 MiB in all. Thread: any, once built.
class StaticFiles {
 public:
  /// Loads all files below `directory`. Without that folder, serves a page that says so.
  static StaticFiles load(const std::filesystem::path& directory);

  /// Answers a path below the mount point: "" or "assets/app-1a2b3c4d.js".
  http::Awaitable<void> serve(std::string_view path, const http::Request& request,
                              http::ReplyWriter& reply) const;

  std::size_t count() const { return files_.size(); }

 private:
  struct File {
    std::string content;
    std::string gzip;  ///< empty when compression saves too little
    std::string content_type;
    std::string etag;
    bool immutable = false;  ///< its name contains a hash of its content
  };

  const File* find(std::string_view path) const;

  std::map<std::string, File, std::less<>> files_;
};

}  // namespace vdm::metrics
