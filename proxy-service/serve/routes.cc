#include "proxy-service/serve/routes.h"

#include <array>

namespace vdm::proxy {
namespace {

using http1::Method;

enum class Allowed { Post, Get, GetAndHead };
enum class Match { Whole, Under };

struct Row {
  std::string_view path;
  Match match;
  Allowed allowed;
  Service service;
  Dialect dialect;
  bool open;
};

constexpr Dialect Anthropic = Dialect::Anthropic;
constexpr Dialect OpenAi = Dialect::OpenAi;

constexpr std::array Table{
    Row{"/v1/messages", Match::Whole, Allowed::Post, Service::Completion, Anthropic, false},
    Row{"/v1/messages/count_tokens", Match::Whole, Allowed::Post, Service::CountTokens, Anthropic,
        false},
    Row{"/v1/chat/completions", Match::Whole, Allowed::Post, Service::Completion, OpenAi, false},
    Row{"/v1/models", Match::Whole, Allowed::GetAndHead, Service::Models, OpenAi, false},
    Row{"/v1/models", Match::Under, Allowed::GetAndHead, Service::Model, OpenAi, false},
    Row{"/v1/facts", Match::Whole, Allowed::GetAndHead, Service::Facts, OpenAi, false},
    Row{"/v1/aliases", Match::Whole, Allowed::GetAndHead, Service::Aliases, OpenAi, false},
    Row{"/profiles", Match::Whole, Allowed::GetAndHead, Service::Profiles, OpenAi, false},
    Row{"/top-models", Match::Whole, Allowed::GetAndHead, Service::TopModels, OpenAi, false},
    Row{"/test-connection", Match::Whole, Allowed::Get, Service::TestConnection, OpenAi, false},
    Row{"/health", Match::Whole, Allowed::GetAndHead, Service::Health, OpenAi, true},
    Row{"/health/ready", Match::Whole, Allowed::GetAndHead, Service::Ready, OpenAi, true},
    Row{"/metrics", Match::Whole, Allowed::GetAndHead, Service::Metrics, OpenAi, false},
    Row{"/metrics", Match::Under, Allowed::GetAndHead, Service::MetricsService, OpenAi, true},
    Row{"/dashboard", Match::Under, Allowed::GetAndHead, Service::MetricsService, OpenAi, true},
    Row{"/api/hello", Match::Whole, Allowed::GetAndHead, Service::Hello, Anthropic, true},
    Row{"/", Match::Whole, Allowed::GetAndHead, Service::Root, OpenAi, false},
};

bool matches(const Row& row, std::string_view path) {
  if (path == row.path) return true;
  return row.match == Match::Under && path.starts_with(row.path) && path[row.path.size()] == '/';
}

std::string_view words(Allowed allowed) {
  switch (allowed) {
    case Allowed::Post:
      return "POST";
    case Allowed::Get:
      return "GET";
    case Allowed::GetAndHead:
      return "GET, HEAD";
  }
  return {};
}

bool allows(Allowed allowed, Method method) {
  if (allowed == Allowed::Post) return method == Method::Post;
  return method == Method::Get || (method == Method::Head && allowed == Allowed::GetAndHead);
}

}  // namespace

std::string_view model_in(std::string_view path) {
  constexpr std::string_view Before = "/v1/models/";
  return path.starts_with(Before) ? path.substr(Before.size()) : std::string_view();
}

Route find_route(const http1::RequestHead& head) {
  // An Anthropic client sends this field on every route; it gets answers in its dialect.
  const bool says_anthropic = head.fields().has(http1::FieldName::AnthropicVersion);
  for (const Row& row : Table) {
    if (!matches(row, head.path())) continue;
    Route route{row.service, row.dialect, {}, row.open};
    const bool any_dialect = asks_provider(row.service) || row.service == Service::Facts;
    if (any_dialect && says_anthropic) route.dialect = Anthropic;
    // Clients send HEAD / to see whether the gateway is up; that needs no key.
    if (row.service == Service::Root && head.method() == Method::Head) route.open = true;
    if (!allows(row.allowed, head.method())) {
      route.service = Service::MethodNotAllowed;
      route.allow = words(row.allowed);
    }
    return route;
  }
  return {Service::NotFound, says_anthropic ? Anthropic : OpenAi, {}, false};
}

}  // namespace vdm::proxy
