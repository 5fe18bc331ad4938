#include "proxy-service/serve/connection_test.h"

#include <atomic>

#include <absl/time/time.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "proxy-service/convert/error_body.h"
#include "proxy-service/routing/model_ref.h"
#include "proxy-service/serve/model_list.h"
#include "proxy-service/serve/question.h"
#include "proxy-service/serve/redact.h"
#include "proxy-service/serve/upstream_head.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr std::size_t AnswerBytesMax = 1024 * 1024;
constexpr int TokensMax = 16;
// What small models are called, with us and with the original.
constexpr std::string_view SmallModel = "haiku";

/// One of the process's tests; false when another is under way.
class Turn {
 public:
  explicit Turn(std::atomic<bool>& taken) : taken_(taken), got_(!taken.exchange(true)) {}
  ~Turn() {
    if (got_) taken_.store(false);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  explicit operator bool() const { return got_; }

 private:
  std::atomic<bool>& taken_;
  const bool got_;
};

json::object report(const Lane& lane, std::string_view status, std::string_view message) {
  const absl::Time now = absl::FromChrono(lane.shared.clock.wall());
  return {{"status", json::string_view(status)},
          {"message", json::string_view(message)},
          {"timestamp", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now, absl::UTCTimeZone())}};
}

std::string_view advice(int status) {
  switch (status) {
    case 400:
    case 404:
    case 422:
      return "is the model right? GET /v1/models?provider=… lists them, ?model=… names one";
    case 401:
    case 403:
      return "check the provider's key";
    case 429:
      return "too many requests, or nothing left to spend there; try later";
    case 502:
    case 504:
      return "check the provider's address and the network from here";
    default:
      return "it may be busy; try again";
  }
}

Answer failed(const Lane& lane, const Provider& provider, int status, std::string_view type,
              std::string_view message) {
  json::object body = report(lane, "failed", message);
  body["provider"] = provider.name;
  body["error_type"] = json::string_view(type);
  body["upstream_status"] = status;
  body["suggestions"] = json::array{json::string_view(advice(status))};
  return {.status = 503, .body = json::serialize(body)};
}

std::string body_of(const Provider& provider, std::string_view model) {
  json::object body{{"model", json::string_view(model)},
                    {"messages", {{{"role", "user"}, {"content", "Reply with the word ok."}}}}};
  // Anthropic's dialect demands a limit; in OpenAI's, models disagree about what it is called.
  if (provider.dialect == Dialect::Anthropic) body["max_tokens"] = TokensMax;
  return json::serialize(body);
}

/// The model to ask for: the one that is named, the alias of a small one, the first of the list.
Task<Result<std::string>> model_for(Client& client, std::size_t provider,
                                    const ModelQuestion& question) {
  const Lane& lane = client.lane();
  const std::string named = query_value(question.query, "model");
  const Resolver& resolver = lane.shared.resolver;
  const ModelRef small{.provider = provider, .model = SmallModel};
  const bool has_small = resolver.aliases().find(small, std::nullopt, question.dialect) != nullptr;
  if (!named.empty() || has_small) {
    Balancer balancer;
    const std::string wanted = lane.config.providers[provider].name + ":" +
                               (named.empty() ? std::string(SmallModel) : named);
    const auto route = resolver.resolve(wanted, question.dialect, balancer);
    if (!route) co_return route.error();
    if (route->first.provider == provider) co_return route->first.model;
  }
  const auto listed = co_await lane.models->get(client, provider, question, false);
  if (!listed) co_return listed.error();
  const auto first = first_model(listed->copy.body);
  if (!first)
    co_return Error{ErrorKind::NotFound, "the provider lists no model; name one: ?model="};
  co_return *first;
}

Task<Result<WholeAnswer>> ask_for(Client& client, UpstreamCall& call, const Provider& provider,
                                  std::string_view model, const Secret& key) {
  const std::string body = body_of(provider, model);
  std::string text;
  http1::HeadWriter head(text);
  head.request_line("POST", upstream_target(provider, Endpoint::Completion, ""));
  head.field("host", provider.base_url.authority);
  if (const auto written = write_credentials(head, provider, key); !written) {
    co_return written.error();
  }
  if (provider.dialect == Dialect::Anthropic) head.field("anthropic-version", "2023-06-01");
  head.field("content-type", "application/json").field("accept-encoding", "identity");
  head.field("content-length", body.size()).end();
  UpstreamRequest request;
  request.pieces.add(text);
  request.pieces.add(body);
  co_return co_await ask(client, call, request, AnswerBytesMax);
}

std::string response_id(const std::string& body) {
  boost::system::error_code malformed;
  const json::value parsed = json::parse(body, malformed);
  const json::object* answer = malformed ? nullptr : parsed.if_object();
  const json::value* id = answer != nullptr ? answer->if_contains("id") : nullptr;
  return id != nullptr && id->is_string() ? std::string(id->get_string()) : "unknown";
}

}  // namespace

Task<Answer> test_connection(Client& client, const ModelQuestion& question) {
  Lane& lane = client.lane();
  const auto refused = [&question](const Failure& failure) {
    return Answer{.status = failure.status,
                  .body = error_body(question.dialect, failure, question.request_id)};
  };
  const auto index = lane.models->choose(lane, question);
  if (!index) co_return refused(failure_of(index.error()));
  const Turn turn(lane.shared.connection_test);
  if (!turn) co_return refused({429, "busy", "a connection is being tested already; try again"});

  const Provider& provider = lane.config.providers[*index];
  if (provider.auth == AuthMode::ClientKey && question.key->empty()) {
    json::object body = report(lane, "skipped", "this provider is called with clients' own keys");
    body["provider"] = provider.name;
    body["auth_mode"] = "passthrough";
    co_return Answer{.body = json::serialize(body)};
  }
  const auto model = co_await model_for(client, *index, question);
  if (!model) {
    const Failure failure = failure_of_question(client, model.error());
    co_return failed(lane, provider, failure.status, failure.type, failure.message);
  }
  UpstreamCall call(lane.pool(*index), prompt_timeouts(provider), client.waiting(), lane.now);
  const auto answer = co_await ask_for(client, call, provider, *model, *question.key);
  if (!answer) {
    const Failure failure = failure_of_question(client, answer.error());
    co_return failed(lane, provider, failure.status, failure.type, failure.message);
  }
  const int status = answer->head->status();
  if (status != 200) {
    const ProviderError error = read_provider_error(status, answer->body);
    co_return failed(lane, provider, status, "http_" + std::to_string(status),
                     redacted(error.message));
  }
  json::object body = report(lane, "success", "the provider has answered");
  body["provider"] = provider.name;
  body["model_used"] = *model;
  body["response_id"] = response_id(answer->body);
  co_return Answer{.body = json::serialize(body)};
}

}  // namespace vdm::proxy
