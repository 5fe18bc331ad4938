#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/ip_address.h"
#include "common/base/result.h"

namespace vdm::http {

namespace net = boost::asio;
template <class T>
using Awaitable = net::awaitable<T>;

/// An operation that is awaited like this gives its error as a value; it throws none.
inline constexpr auto as_values = net::as_tuple(net::use_awaitable);

struct Header {
  std::string name;
  std::string value;
};

/// A request as a handler sees it: plain values. The session copies them as soon as the head is
/// complete, so a trailer cannot replace any of them. Bounds: 100 headers, 64 query parameters, the
/// body limit of its server. Thread: its IoThread.
struct Request {
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  std::string method;  ///< "GET"; for "HEAD" the ReplyWriter leaves the body out
  std::string target;  ///< as sent
  std::string path;    ///< the target up to '?', as sent: not decoded
  Pairs query;         ///< decoded, in the order sent
  std::vector<Header> headers;
  std::string body;
  std::string host;  ///< without its port, lower case; empty for HTTP/1.0 without Host
  IpAddress peer;    ///< the other end of the socket
  Pairs segments;    ///< decoded values of the route's {name} parts

  /// The value of a header, whatever the case of its name; nullptr when absent.
  const std::string* header(std::string_view name) const;
  /// The first query parameter of that name; nullptr when absent.
  const std::string* parameter(std::string_view name) const;
  /// The decoded path segment that the route's {name} stands for; empty when the route has no such
  /// name.
  std::string_view segment(std::string_view name) const;
  /// The media type without its parameters, lower case: "application/json".
  std::string media_type() const;
};

/// Splits "a=1&b=%20x" into decoded pairs, with '+' as a space. It refuses more than `pairs_max`
/// pairs, and an escape that is not two hexadecimal digits.
Result<Request::Pairs> parse_query(std::string_view text, std::size_t pairs_max);

class ReplyWriter;

/// Answers one request, whole or streamed. When a handler throws, or returns without an answer, the
/// session answers 500. `request` and `reply` outlive the handler.
using Handler = std::function<Awaitable<void>(const Request& request, ReplyWriter& reply)>;

}  // namespace vdm::http
