#pragma once

#include <cstdint>
#include <string_view>

#include "common/http1/request_head.h"
#include "proto/contract/event.h"

namespace vdm::proxy {

enum class Service : std::uint8_t {
  Completion,
  Models,
  Health,
  Ready,
  Root,
  MetricsRedirect,
  NotFound,
  MethodNotAllowed,
};

/// What a request is for, and in which dialect it is answered, errors included.
struct Route {
  Service service = Service::NotFound;
  Dialect dialect = Dialect::Anthropic;
  std::string_view allow;  ///< of MethodNotAllowed: what is
  bool open = false;       ///< answered without a key
};

/// The table of routes. Pure.
Route find_route(const http1::RequestHead& head);

}  // namespace vdm::proxy
