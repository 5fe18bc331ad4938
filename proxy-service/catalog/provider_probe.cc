#include "proxy-service/catalog/provider_probe.h"

#include <atomic>

#include <absl/time/time.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "proxy-service/catalog/model_list.h"
#include "proxy-service/convert/errors/error_body.h"
#include "proxy-service/redact/redact.h"
#include "proxy-service/routing/model_ref.h"
#include "proxy-service/upstream/credentials.h"
#include "proxy-service/upstream/whole_answer.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr std::size_t AnswerBytesMax = 1024 * 1024;
constexpr int TokensMax = 16;
// The built-in aliases give small models this name.
constexpr std::string_view SmallModel = "haiku";

/// A permit for the only probe in the process; none is given while another is running.
class ProbePermit {
 public:
  explicit ProbePermit(std::atomic<bool>& running)
      : running_(running), given_(!running.exchange(true)) {}
  ~ProbePermit() {
    if (given_) running_.store(false);
  }
  ProbePermit(const ProbePermit&) = delete;
  ProbePermit& operator=(const ProbePermit&) = delete;
  explicit operator bool() const { return given_; }

 private:
  std::atomic<bool>& running_;
  const bool given_;
};

json::object report(const Worker& worker, std::string_view status, std::string_view message) {
  const absl::Time now = absl::FromChrono(worker.snapshot.server.clock.wall());
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

Answer failed(const Worker& worker, const Provider& provider, int status, std::string_view type,
              std::string_view message) {
  json::object body = report(worker, "failed", message);
  body["provider"] = provider.name;
  body["error_type"] = json::string_view(type);
  body["upstream_status"] = status;
  body["suggestions"] = json::array{json::string_view(advice(status))};
  return {.status = 503, .body = json::serialize(body)};
}

std::string body_of(Dialect dialect, std::string_view model) {
  json::object body{{"model", json::string_view(model)},
                    {"messages", {{{"role", "user"}, {"content", "Reply with the word ok."}}}}};
  // Anthropic's dialect demands a limit. OpenAI's models disagree about the limit's name.
  if (dialect == Dialect::Anthropic) body["max_tokens"] = TokensMax;
  return json::serialize(body);
}

/// The model to ask: the one in the query, else the alias of a small one, else the list's first.
Task<Result<std::string>> model_for(ClientConnection& client, ModelCatalog& models,
                                    std::size_t provider, const ModelQuestion& question) {
  const Worker& worker = client.worker();
  const std::string named = query_value(question.query, "model");
  const Resolver& resolver = worker.snapshot.resolver;
  const ModelRef small{.provider = provider, .model = SmallModel};
  const bool has_small = resolver.aliases().find(small, std::nullopt, question.dialect) != nullptr;
  if (!named.empty() || has_small) {
    Balancer balancer;
    const std::string wanted = worker.config.providers[provider].name + ":" +
                               (named.empty() ? std::string(SmallModel) : named);
    const auto route = resolver.resolve(wanted, question.dialect, balancer);
    if (!route) co_return route.error();
    if (route->first.provider == provider) co_return route->first.model;
  }
  KeptLists& lists = models.kept();
  const Caller caller = question.caller();
  const auto listed = co_await lists.get(client, provider, caller, KeptLists::Ask::WhenOld);
  if (!listed) co_return listed.error();
  const auto first = first_model(listed->copy->body);
  if (!first)
    co_return Error{ErrorKind::NotFound, "the provider lists no model; name one: ?model="};
  co_return *first;
}

Task<Result<WholeAnswer>> ask_for(UpstreamCall& call, const Door& door, std::string_view model,
                                  const Caller& caller) {
  const std::string body = body_of(door.dialect, model);
  const OwnRequest completion{
      .method = "POST", .endpoint = Endpoint::Completion, .body_bytes = body.size()};
  const auto head = own_request_head(call.provider(), door, caller, completion);
  if (!head) co_return head.error();

  UpstreamRequest request;
  request.buffers.add(*head);
  request.buffers.add(body);
  co_return co_await fetch_answer(call, request, AnswerBytesMax);
}

std::string response_id(const std::string& body) {
  boost::system::error_code malformed;
  const json::value parsed = json::parse(body, malformed);
  const json::object* answer = malformed ? nullptr : parsed.if_object();
  const json::value* id = answer != nullptr ? answer->if_contains("id") : nullptr;
  return id != nullptr && id->is_string() ? std::string(id->get_string()) : "unknown";
}

}  // namespace

Task<Answer> probe_provider(ClientConnection& client, ModelCatalog& models,
                            const ModelQuestion& question) {
  Worker& worker = client.worker();
  const auto refused = [&question](const Refusal& refusal) {
    return Answer{.status = refusal.status,
                  .body = error_body(question.dialect, refusal, question.request_id)};
  };
  const auto index = models.choose(worker, question);
  if (!index) co_return refused(refusal_of(index.error()));
  const ProbePermit permit(worker.snapshot.server.probe_running);
  if (!permit) co_return refused({429, "busy", "a connection is being tested already; try again"});

  const Provider& provider = worker.config.providers[*index];
  const Door& door = door_for(provider, question.dialect);
  const Target asked{.provider = *index, .dialect = door.dialect};
  const bool wants_own = provider.auth == AuthMode::ClientKey;
  if (wants_own && !may_have(worker.config.providers, asked, *index, *question.own)) {
    json::object body = report(worker, "skipped", "this provider is called with clients' own keys");
    body["provider"] = provider.name;
    body["auth_mode"] = "passthrough";
    co_return Answer{.body = json::serialize(body)};
  }
  const auto model = co_await model_for(client, models, *index, question);
  if (!model) {
    const Refusal refusal = refusal_of(model.error(), client.wait_point().interrupted());
    co_return failed(worker, provider, refusal.status, refusal.type, refusal.message);
  }
  UpstreamCall call(worker.pool(*index, door.dialect), prompt_timeouts(provider),
                    client.wait_point(), worker.now);
  const Caller caller = question.caller();
  auto answer = co_await ask_for(call, door, *model, caller);
  if (!answer) {
    const Refusal refusal = refusal_of(answer.error(), client.wait_point().interrupted());
    co_return failed(worker, provider, refusal.status, refusal.type, refusal.message);
  }
  const int status = answer->head->status();
  if (status != 200) {
    worker.snapshot.own_keys.blot_out(answer->body);
    const ProviderError error = read_provider_error(status, answer->body);
    co_return failed(worker, provider, status, "http_" + std::to_string(status),
                     redacted(error.message));
  }
  json::object body = report(worker, "success", "the provider has answered");
  body["provider"] = provider.name;
  body["model_used"] = *model;
  body["response_id"] = response_id(answer->body);
  co_return Answer{.body = json::serialize(body)};
}

}  // namespace vdm::proxy
