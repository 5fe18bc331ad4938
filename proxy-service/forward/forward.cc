#include "proxy-service/forward/forward.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "proxy-service/routing/model_ref.h"
#include "proxy-service/worker/listed_models.h"
#include "proxy-service/worker/rejection.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t ShownBytesMax = 80;

Error no_such_provider(const std::vector<Provider>& providers, std::string_view name,
                       std::string_view meant) {
  std::string known;
  for (const Provider& provider : providers) {
    if (is_implied(provider)) continue;
    known.append(known.empty() ? "" : ", ").append(provider.name);
  }
  std::string message = "x-vandamme-provider: no provider is called '";
  message.append(name.substr(0, ShownBytesMax)).append("'; name one of ");
  message.append(known.empty() ? "(none configured)" : known);
  if (!meant.empty()) message.append("; did you mean ").append(meant).append("?");
  return {ErrorKind::UnknownModel, std::move(message)};
}

}  // namespace

Forward::Forward(ClientConnection& client, ClientRequest& request, ForwardRequest asked,
                 ReplyTerms& terms, MonotonicTime begun)
    : client_(client),
      worker_(client.worker()),
      request_(request),
      asked_(std::move(asked)),
      terms_(terms),
      begun_(begun),
      kept_(worker_.bodies),
      body_(client, request, kept_.body),
      attempts_(client, request, terms, kept_, begun) {}

Task<void> Forward::run() {
  const auto unread = co_await read();
  if (unread) {
    terms_.keep_alive = false;
    co_return co_await refuse(*unread);
  }
  const MonotonicTime body_read = worker_.precise_now();
  // From here on the connection is read only to see whether the client leaves.
  if (body_.whole()) client_.connection().keep_reading();

  auto route = co_await find_route();
  Result<void> askable =
      route ? leave_out_others(*route, worker_.config.providers, request_.own) : route.error();
  if (askable) askable = keep_dialect(*route);
  attempts_.begin_report(facts(route ? &route->first : nullptr), body_read);
  if (!askable) {
    if (!body_.whole()) terms_.keep_alive = false;
    const Error why = askable.error();
    co_return co_await attempts_.reject(why);
  }
  attempts_.start(std::move(*route), {.key_of = Attempts::KeyOf::Client,
                                      .repeatable = body_.repeatable(),
                                      .reads_stored = asked_.reads_stored()});
  prepare();
  co_await ask();
}

/// Reads what must be known before a provider can be asked; or says what to refuse with.
Task<std::optional<Refusal>> Forward::read() {
  if (request_.has_content_encoding) {
    co_return Refusal{415, "invalid_request", "Content-Encoding: expected none"};
  }
  if (const auto path = asked_.check_path(); !path) co_return refusal_of(path.error());
  auto model = NamedModel::of(asked_.content_type);
  if (!model) co_return refusal_of(model.error());
  model_ = std::move(*model);
  co_return co_await body_.read_beginning(*model_, !is_about_stored(asked_.kind));
}

Task<Result<ModelRoute>> Forward::find_route() {
  if (model_->name().empty()) co_return route_without_model();
  const RouteHints hints{.session = request_.session_id, .in_flight = worker_.in_flight};
  const Resolver& resolver = worker_.snapshot.resolver;
  auto route = resolver.resolve(model_->name(), request_.dialect, worker_.balancer, hints);
  if (route) co_return route;
  const Error refusal = route.error();
  const Caller caller{request_.own, request_.dialect};
  co_return co_await resolve_listed(client_, model_->name(), caller, refusal);
}

Result<ModelRoute> Forward::route_without_model() const {
  const auto& providers = worker_.config.providers;
  const Resolver& resolver = worker_.snapshot.resolver;
  auto provider = resolver.asked(request_.dialect);
  if (!asked_.provider.empty()) {
    const std::string as_model = asked_.provider + ":";
    provider = find_provider(providers, asked_.provider);
    const std::string_view absent = resolver.absent_provider(as_model);
    if (!provider && !absent.empty()) return no_key_of(absent);
    std::string meant = resolver.near_miss(as_model);
    if (!meant.empty()) meant.pop_back();
    if (!provider) return no_such_provider(providers, asked_.provider, meant);
  }
  if (!provider) {
    return Error{ErrorKind::UnknownModel,
                 "x-vandamme-provider: expected the name of a provider, since there is no default"};
  }
  return ModelRoute{
      .first = {*provider, {}, door_for(providers[*provider], request_.dialect).dialect},
      .named = *provider};
}

/// Leaves the targets of the other dialect out: they do not have this route.
Result<void> Forward::keep_dialect(ModelRoute& route) const {
  const auto other = [this](const Target& target) { return target.dialect != request_.dialect; };
  const Target first = route.first;
  std::erase_if(route.rest, other);
  if (!other(first)) return {};
  if (!route.rest.empty()) {
    route.first = std::move(route.rest.front());
    route.rest.erase(route.rest.begin());
    return {};
  }
  const bool anthropic = request_.dialect == Dialect::Anthropic;
  return Error{ErrorKind::InvalidRequest,
               "provider '" + worker_.config.providers[first.provider].name + "' has no " +
                   asked_.collection + ": it is of the " + (anthropic ? "OpenAI" : "Anthropic") +
                   " dialect; name another provider " +
                   (model_->name().empty() ? "in x-vandamme-provider" : "with the model")};
}

FactsPtr Forward::facts(const Target* target) const {
  const auto& facts = request_.facts;
  facts->request_id = terms_.request_id;
  facts->started_at = worker_.wall_at(begun_);
  facts->kind = word_of(asked_.kind);
  if (model_) facts->requested_model = model_->name().substr(0, ReportedModelBytesMax);
  if (target != nullptr) name_target(*facts, *target, worker_, request_.own);
  facts->streaming = model_ && model_->stream();
  facts->request_bytes = body_.size();
  return facts;
}

}  // namespace vdm::proxy
