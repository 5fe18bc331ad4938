#include "proxy-service/routing/custom_header.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace vdm::proxy {

bool is_header_name(std::string_view name) {
  constexpr std::string_view Others = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [Others](unsigned char c) {
    return std::isalnum(c) != 0 || Others.find(static_cast<char>(c)) != Others.npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '\t' || (c >= ' ' && c < 0x7f); });
}

bool is_reserved_header(std::string_view name) {
  constexpr std::array<std::string_view, 15> Reserved{"accept-encoding",
                                                      "connection",
                                                      "content-encoding",
                                                      "content-length",
                                                      "content-type",
                                                      "expect",
                                                      "host",
                                                      "keep-alive",
                                                      "proxy-authenticate",
                                                      "proxy-connection",
                                                      "proxy-authorization",
                                                      "te",
                                                      "trailer",
                                                      "transfer-encoding",
                                                      "upgrade"};
  return std::ranges::find(Reserved, name) != Reserved.end();
}

}  // namespace vdm::proxy
