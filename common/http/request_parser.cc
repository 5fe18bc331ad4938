#include "common/http/request_parser.h"

#include <boost/asio/buffer.hpp>

namespace vdm::http {
namespace {

bool same(boost::beast::string_view a, std::string_view b) {
  return std::string_view(a.data(), a.size()) == b;
}

}  // namespace

Parsed RequestParser::parse_head(const http1::RequestHead& head, std::string_view text) {
  header_limit(http1::RequestHeadLimits::BytesMost);
  boost::system::error_code error;
  const std::size_t taken = put(boost::asio::buffer(text.data(), text.size()), error);
  const bool too_large = error == boost::beast::http::error::body_limit;
  if (error && !too_large) return Parsed::Otherwise;
  if (!same_request_line(head) || !take_same_fields(head.fields())) return Parsed::Otherwise;
  if (too_large) return Parsed::TooLarge;
  const bool whole = is_header_done() && taken == text.size();
  return whole && same_framing(head) ? Parsed::Alike : Parsed::Otherwise;
}

bool RequestParser::same_request_line(const http1::RequestHead& head) const {
  return same(get().method_string(), http1::text_of(head.method())) &&
         same(get().target(), head.target()) &&
         get().version() == static_cast<unsigned>(10 + head.minor_version());
}

/// Removes each field that the guard read from those that Beast read. All must be there, and none
/// may remain. Beast keeps fields of the same name in the order in which they came.
bool RequestParser::take_same_fields(const http1::Fields& fields) {
  auto& parsed = get().base();
  for (const http1::Field field : fields) {
    const auto found = parsed.find({field.name.data(), field.name.size()});
    if (found == parsed.end()) return false;
    if (!same(found->name_string(), field.name) || !same(found->value(), field.value)) return false;
    parsed.erase(found);
  }
  return parsed.begin() == parsed.end();
}

bool RequestParser::same_framing(const http1::RequestHead& head) const {
  const auto parsed = content_length();
  const auto guarded = head.content_length();
  return chunked() == head.chunked() && parsed.has_value() == guarded.has_value() &&
         parsed.value_or(0) == guarded.value_or(0);
}

}  // namespace vdm::http
