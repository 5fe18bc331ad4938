#pragma once

#include <cstdint>
#include <string_view>

#include "common/access/permissions.h"
#include "common/http1/request_head.h"
#include "proto/contract/event.h"
#include "proxy-service/forward/forward_kind.h"

namespace vdm::proxy {

enum class Service : std::uint8_t {
  Completion,
  CountTokens,
  Forward,  ///< passed on whole
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
  std::string_view allow;                  ///< for MethodNotAllowed: the methods that are allowed
  bool open = false;                       ///< answered without a key
  const Permission* permission = nullptr;  ///< who may have it; null: there is no such route
  ForwardKind kind = ForwardKind::Embeddings;  ///< for Forward
  std::string_view path{};                     ///< the route's own, which the request's begins with
};

/// Whether a key of that role may have the route: what there is not, anybody is told.
constexpr bool may_have(const Route& route, Role role) {
  if (route.open) return true;
  if (route.permission == nullptr) return permissions::Callers.has(role);
  return route.permission->lets(role);
}

/// Whether the gateway asks a provider for the answer, though it is no completion.
constexpr bool asks_provider(Service service) {
  return service == Service::Models || service == Service::Model || service == Service::TopModels ||
         service == Service::TestConnection;
}

/// Whether it is a request of its own in every list: a completion, or what is passed on whole.
constexpr bool is_reported(Service service) {
  return service == Service::Completion || service == Service::Forward;
}

/// Whether a provider gets the client's body.
constexpr bool takes_body(Service service) {
  return is_reported(service) || service == Service::CountTokens;
}

/// For Service::Model: the model's name in a path.
std::string_view model_in(std::string_view path);

/// The table of routes. Pure.
Route find_route(const http1::RequestHead& head);

}  // namespace vdm::proxy
