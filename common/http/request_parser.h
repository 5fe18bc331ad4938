#pragma once

#include <string_view>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "common/http1/request_head.h"

namespace vdm::http {

/// What Beast makes of a head that the guard has accepted.
enum class Parsed {
  Alike,      ///< the request that the guard read
  TooLarge,   ///< that request, and its body is declared larger than the parser's limit
  Otherwise,  ///< no request, or another one
};

/// Beast's parser of one request, behind the guard. Thread: its owner's.
class RequestParser : public boost::beast::http::request_parser<boost::beast::http::string_body> {
 public:
  /// Parses `text`, which the guard read as `head`, without a byte of what follows it. A head in
  /// which two readers see two requests is how requests are smuggled, so both have to see the
  /// same one. The fields are used up by the comparison.
  Parsed parse_head(const http1::RequestHead& head, std::string_view text);

 private:
  bool take_same_fields(const http1::Fields& fields);
  bool same_request_line(const http1::RequestHead& head) const;
  bool same_framing(const http1::RequestHead& head) const;
};

}  // namespace vdm::http
