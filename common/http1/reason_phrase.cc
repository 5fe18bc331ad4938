#include "common/http1/reason_phrase.h"

#include <array>
#include <cstddef>

namespace vdm::http1 {
namespace {

struct Phrase {
  std::size_t status;
  std::string_view text;
};

constexpr std::array<Phrase, 33> Known{{
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

constexpr std::array<std::string_view, 600> ByStatus = [] {
  std::array<std::string_view, 600> phrases{};
  for (const Phrase& phrase : Known) phrases[phrase.status] = phrase.text;
  return phrases;
}();

}  // namespace

std::string_view reason_phrase(int status) {
  const auto index = static_cast<std::size_t>(status);
  if (index >= ByStatus.size() || ByStatus[index].empty()) return "Unknown";
  return ByStatus[index];
}

}  // namespace vdm::http1
