#include "metrics-service/serve/static_files.h"

#include <fstream>
#include <iterator>
#include <regex>

#include <zlib.h>

#include "common/base/digest.h"
#include "common/base/log.h"

namespace vdm::metrics {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t BytesMax = 64 * 1024 * 1024;

constexpr std::string_view NotBuilt =
    "<!doctype html><meta charset=\"utf-8\"><title>Vandamme</title>"
    "<h1>The dashboard is not here</h1>"
    "<p>vdm-metrics found no files to serve. Build them (<code>npm ci &amp;&amp; npm run "
    "build</code> "
    "in <code>dashboard-web</code>), or name their folder in <code>VDM_DASHBOARD_DIR</code>, and "
    "restart. The API works meanwhile: <a href=\"/metrics/active-requests\">active "
    "requests</a>.</p>";

std::string content_type_of(const fs::path& path) {
  static const std::map<std::string, std::string> Types{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
  };
  const auto found = Types.find(path.extension().string());
  return found == Types.end() ? "application/octet-stream" : found->second;
}

/// The compressed text; empty when compression saves less than a tenth.
std::string gzipped(const std::string& content) {
  z_stream stream{};
  constexpr int GzipWindow = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GzipWindow, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return "";
  }
  std::string packed(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return done == Z_STREAM_END && packed.size() < content.size() * 9 / 10 ? packed : "";
}

bool accepts_gzip(const http::Request& request) {
  const std::string* accepted = request.header("accept-encoding");
  return accepted && accepted->find("gzip") != std::string::npos &&
         accepted->find("gzip;q=0") == std::string::npos;
}

/// The page may not use inline scripts or styles, load from other origins, or be framed.
std::vector<http::Header> page_headers() {
  return {{"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
           "font-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}};
}

}  // namespace

StaticFiles StaticFiles::load(const fs::path& directory) {
  StaticFiles made;
  const std::regex hashed(R"(.*-[0-9A-Z]{8}\.[a-z0-9]+(\.map)?$)");  // esbuild's names
  std::size_t total = 0;
  std::error_code fault;
  for (const auto& entry : fs::recursive_directory_iterator(directory, fault)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    File file;
    file.content.assign(std::istreambuf_iterator<char>(in), {});
    total += file.content.size();
    if (total > BytesMax) {
      log::warning("dashboard too large", {{"directory", directory.string()}});
      break;
    }
    const std::string name = fs::relative(entry.path(), directory).generic_string();
    file.content_type = content_type_of(entry.path());
    file.etag = "\"" + hex_prefix(sha256(file.content), 32) + "\"";
    file.gzip = gzipped(file.content);
    file.immutable = std::regex_match(name, hashed);
    made.files_.emplace(name, std::move(file));
  }
  if (!made.files_.contains("index.html")) {
    made.files_.clear();
    made.files_["index.html"] =
        File{std::string(NotBuilt), "", "text/html; charset=utf-8", "\"none\"", false};
  }
  return made;
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const {
  if (const auto found = files_.find(path); found != files_.end()) return &found->second;
  // The browser routes the dashboard's pages: a path that names no file gets index.html.
  const auto name = path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1);
  if (name.find('.') != std::string_view::npos) return nullptr;
  return &files_.find("index.html")->second;
}

http::Awaitable<void> StaticFiles::serve(std::string_view path, const http::Request& request,
                                         http::ReplyWriter& reply) const {
  const File* file = find(path);
  if (!file) {
    co_await reply.refuse(404, "not_found_error", "no such file");
    co_return;
  }
  http::ReplyHead head;
  head.headers = page_headers();
  head.headers.push_back({"ETag", file->etag});
  head.headers.push_back({"Vary", "Accept-Encoding"});
  head.headers.push_back(
      {"Cache-Control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache"});
  const std::string* known = request.header("if-none-match");
  if (known && known->find(file->etag) != std::string::npos) {
    head.status = 304;
    co_await reply.send(head, "");
    co_return;
  }
  head.content_type = file->content_type;
  const bool packed = !file->gzip.empty() && accepts_gzip(request);
  if (packed) head.headers.push_back({"Content-Encoding", "gzip"});
  co_await reply.send(head, packed ? file->gzip : file->content);
}

}  // namespace vdm::metrics
