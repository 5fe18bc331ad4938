#include "proxy-service/serve/routes.h"

#include <array>

namespace vdm::proxy {
namespace {

using http1::Method;

enum class Allowed { Post, GetAndHead };
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
    Row{"/v1/chat/completions", Match::Whole, Allowed::Post, Service::Completion, OpenAi, false},
    Row{"/v1/models", Match::Whole, Allowed::GetAndHead, Service::Models, OpenAi, false},
    Row{"/health", Match::Whole, Allowed::GetAndHead, Service::Health, OpenAi, true},
    Row{"/health/ready", Match::Whole, Allowed::GetAndHead, Service::Ready, OpenAi, true},
    Row{"/metrics", Match::Under, Allowed::GetAndHead, Service::MetricsRedirect, OpenAi, true},
    Row{"/dashboard", Match::Under, Allowed::GetAndHead, Service::MetricsRedirect, OpenAi, true},
    Row{"/", Match::Whole, Allowed::GetAndHead, Service::Root, OpenAi, false},
};

bool matches(const Row& row, std::string_view path) {
  if (path == row.path) return true;
  return row.match == Match::Under && path.starts_with(row.path) && path[row.path.size()] == '/';
}

bool allows(Allowed allowed, Method method) {
  return allowed == Allowed::Post ? method == Method::Post
                                  : method == Method::Get || method == Method::Head;
}

}  // namespace

Route find_route(const http1::RequestHead& head) {
  // An Anthropic client says so on every route; it is told so in its own words.
  const bool says_anthropic = head.fields().has(http1::FieldName::AnthropicVersion);
  for (const Row& row : Table) {
    if (!matches(row, head.path())) continue;
    Route route{row.service, row.dialect, {}, row.open};
    if (row.service == Service::Models && says_anthropic) route.dialect = Anthropic;
    if (!allows(row.allowed, head.method())) {
      route.service = Service::MethodNotAllowed;
      route.allow = row.allowed == Allowed::Post ? "POST" : "GET, HEAD";
    }
    return route;
  }
  return {Service::NotFound, says_anthropic ? Anthropic : OpenAi, {}, false};
}

}  // namespace vdm::proxy
