#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace vdm::simulation {

/// How the service ends a stream: the status codes that it uses.
enum class StreamEnd : std::uint8_t { Ok, Invalid, Refused, Replaced, Unavailable };

/// A Report stream: encoded messages under way, in order. Each side sees its end by itself.
struct Stream {
  std::deque<std::string> to_service;  ///< ReportRequest
  std::deque<std::string> to_proxy;    ///< ReportReply
  bool open_at_proxy = true;
  bool open_at_service = true;
  std::optional<StreamEnd> end;  ///< told by the service, behind `to_proxy`
};

}  // namespace vdm::simulation
