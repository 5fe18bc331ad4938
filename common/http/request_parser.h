#pragma once

#include <string_view>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "common/http1/request_head.h"

namespace vdm::http {

/// How Beast reads a head that the guard has accepted.
enum class Parsed {
  Alike,      ///< Beast reads the same request as the guard
  TooLarge,   ///< the same request, but its declared body exceeds the parser's limit
  Otherwise,  ///< Beast reads no request, or a different one
};

/// Beast's parser of one request, behind the guard. Thread: its owner's.
class RequestParser : public boost::beast::http::request_parser<boost::beast::http::string_body> {
 public:
  /// Parses `text`, the bytes of `head` and none after them. An attacker smuggles a request in a
  /// head that two readers read differently, so Beast and the guard must read the same one. The
  /// comparison removes the fields from the parser's message.
  Parsed parse_head(const http1::RequestHead& head, std::string_view text);

 private:
  bool take_same_fields(const http1::Fields& fields);
  bool same_request_line(const http1::RequestHead& head) const;
  bool same_framing(const http1::RequestHead& head) const;
};

}  // namespace vdm::http
