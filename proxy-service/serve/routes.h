#pragma once

#include <cstdint>
#include <string_view>

#include "common/http1/request_head.h"
#include "proto/contract/event.h"

namespace vdm::proxy {

enum class Service : std::uint8_t {
  Completion,
  CountTokens,
  Models,
  Model,
  Aliases,
  Facts,
  Profiles,
  TopModels,
  TestConnection,
  Health,
  Ready,
  Root,
  Hello,
  Metrics,
  MetricsService,  ///< what vdm-metrics answers, not we
  NotFound,
  MethodNotAllowed,
};

/// What a request is for, and the dialect of its answer, errors included.
struct Route {
  Service service = Service::NotFound;
  Dialect dialect = Dialect::Anthropic;
  std::string_view allow;  ///< for MethodNotAllowed: the methods that are allowed
  bool open = false;       ///< answered without a key
};

/// Whether the gateway asks a provider for the answer, though it is no completion.
constexpr bool asks_provider(Service service) {
  return service == Service::Models || service == Service::Model || service == Service::TopModels ||
         service == Service::TestConnection;
}

/// For Service::Model: the model's name in a path.
std::string_view model_in(std::string_view path);

/// The table of routes. Pure.
Route find_route(const http1::RequestHead& head);

}  // namespace vdm::proxy
