#include "proxy-service/serve/routes.h"

#include <array>

namespace vdm::proxy {
namespace {

using http1::Method;

enum class Allowed { Post, Get, GetAndHead, GetAndPost, GetPostAndDelete };
enum class Match { Whole, Under, Below };  // Under: itself, too

struct Row {
  std::string_view path;
  Match match;
  Allowed allowed;
  Service service;
  Dialect dialect;
  const Permission* permission;
  ForwardKind kind = {};
};

using Rule = RuleOf<Port::Proxy>;

/// A route whose rule is its path.
consteval Row served(const char* path, Match match, Allowed allowed, Service service,
                     Dialect dialect) {
  return {path, match, allowed, service, dialect, Rule(path).row};
}

consteval Row forwarded(const char* path, Match match, Allowed allowed, ForwardKind kind,
                        Dialect dialect = Dialect::OpenAi) {
  return {path, match, allowed, Service::Forward, dialect, Rule(path).row, kind};
}

constexpr Dialect Anthropic = Dialect::Anthropic;
constexpr Dialect OpenAi = Dialect::OpenAi;

constexpr std::array Table{
    served("/v1/messages", Match::Whole, Allowed::Post, Service::Completion, Anthropic),
    served("/v1/messages/count_tokens", Match::Whole, Allowed::Post, Service::CountTokens,
           Anthropic),
    served("/v1/chat/completions", Match::Whole, Allowed::Post, Service::Completion, OpenAi),
    served("/v1/models", Match::Whole, Allowed::GetAndHead, Service::Models, OpenAi),
    served("/v1/models", Match::Under, Allowed::GetAndHead, Service::Model, OpenAi),
    forwarded("/v1/embeddings", Match::Whole, Allowed::Post, ForwardKind::Embeddings),
    forwarded("/v1/completions", Match::Whole, Allowed::Post, ForwardKind::Completions),
    forwarded("/v1/moderations", Match::Whole, Allowed::Post, ForwardKind::Moderations),
    forwarded("/v1/images", Match::Below, Allowed::Post, ForwardKind::Images),
    forwarded("/v1/audio", Match::Below, Allowed::GetPostAndDelete, ForwardKind::Audio),
    forwarded("/v1/rerank", Match::Whole, Allowed::Post, ForwardKind::Rerank),
    forwarded("/v1/files", Match::Under, Allowed::GetPostAndDelete, ForwardKind::Files),
    forwarded("/v1/batches", Match::Under, Allowed::GetAndPost, ForwardKind::Batches),
    forwarded("/v1/messages/batches", Match::Under, Allowed::GetPostAndDelete,
              ForwardKind::MessageBatches, Anthropic),
    served("/v1/facts", Match::Whole, Allowed::GetAndHead, Service::Facts, OpenAi),
    served("/v1/aliases", Match::Whole, Allowed::GetAndHead, Service::Aliases, OpenAi),
    served("/profiles", Match::Whole, Allowed::GetAndHead, Service::Profiles, OpenAi),
    served("/top-models", Match::Whole, Allowed::GetAndHead, Service::TopModels, OpenAi),
    served("/test-connection", Match::Whole, Allowed::Get, Service::TestConnection, OpenAi),
    served("/health", Match::Whole, Allowed::GetAndHead, Service::Health, OpenAi),
    served("/health/ready", Match::Whole, Allowed::GetAndHead, Service::Ready, OpenAi),
    served("/metrics", Match::Whole, Allowed::GetAndHead, Service::Metrics, OpenAi),
    Row{"/metrics", Match::Under, Allowed::GetAndHead, Service::MetricsService, OpenAi,
        Rule("/metrics/*").row},
    served("/dashboard", Match::Under, Allowed::GetAndHead, Service::MetricsService, OpenAi),
    served("/api/hello", Match::Whole, Allowed::GetAndHead, Service::Hello, Anthropic),
    served("/", Match::Whole, Allowed::GetAndHead, Service::Root, OpenAi),
};

bool matches(const Row& row, std::string_view path) {
  if (path == row.path) return row.match != Match::Below;
  return row.match != Match::Whole && path.starts_with(row.path) && path[row.path.size()] == '/';
}

std::string_view words(Allowed allowed) {
  switch (allowed) {
    case Allowed::Post:
      return "POST";
    case Allowed::Get:
      return "GET";
    case Allowed::GetAndHead:
      return "GET, HEAD";
    case Allowed::GetAndPost:
      return "GET, POST";
    case Allowed::GetPostAndDelete:
      return "GET, POST, DELETE";
  }
  return {};
}

bool allows(Allowed allowed, Method method) {
  switch (method) {
    case Method::Get:
      return allowed != Allowed::Post;
    case Method::Head:
      return allowed == Allowed::GetAndHead;
    case Method::Post:
      return allowed == Allowed::Post || allowed == Allowed::GetAndPost ||
             allowed == Allowed::GetPostAndDelete;
    case Method::Delete:
      return allowed == Allowed::GetPostAndDelete;
    default:
      return false;
  }
}

/// Whether both dialects have the route, so that the client's other fields tell which is meant.
bool is_of_both(const Row& row) {
  return asks_provider(row.service) || row.service == Service::Facts ||
         (row.service == Service::Forward && row.kind == ForwardKind::Files);
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
    Route route{row.service,    row.dialect, {},      row.permission->open,
                row.permission, row.kind,    row.path};
    if (says_anthropic && is_of_both(row)) route.dialect = Anthropic;
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
