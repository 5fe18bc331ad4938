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
      body_(client, request, kept_.body) {}

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
  report_.emplace(worker_, facts(route ? &route->first : nullptr), begun_, body_read,
                  client_.wait_point(), terms_);
  if (!askable) {
    if (!body_.whole()) terms_.keep_alive = false;
    const Error why = askable.error();
    RequestOutcome rejected = co_await refuse(why);
    rejected.outcome = Outcome::Rejected;
    report_->finish(rejected);
    co_return;
  }
  route_ = std::move(*route);
  prepare();
  co_await forward();
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
  const auto facts = std::make_shared<RequestFacts>();
  facts->request_id = terms_.request_id;
  facts->started_at = worker_.wall_at(begun_);
  facts->kind = word_of(asked_.kind);
  request_.describe(*facts);
  if (model_) facts->requested_model = model_->name().substr(0, ReportedModelBytesMax);
  if (target != nullptr) name_target(*facts, *target, worker_, request_.own);
  facts->streaming = model_ && model_->stream();
  facts->request_bytes = body_.size();
  return facts;
}

void Forward::update_facts() {
  const auto facts = std::make_shared<RequestFacts>(report_->facts());
  name_target(*facts, target(), worker_, request_.own);
  facts->request_bytes = body_.size();
  report_->retarget(facts);
}

void Forward::prepare() {
  tried_keys_ = {};
  state_.retries = 0;
  key_ = 0;
  keys_cool_down_ = !take_key() && worker_.key_rings[target().provider].size() > 0;
  const bool same = target().model == model_->name();
  written_model_ = same ? std::string() : model_->written(target().model);
}

bool Forward::take_key() {
  KeyRing& ring = worker_.key_rings[target().provider];
  const std::uint64_t owner = owner_hash(request_.client_label, provider().name);
  auto key = ring.take_of_owner(tried_keys_, worker_.now, owner);
  if (!key && !has_next_target()) key = ring.end_cooldown(tried_keys_, worker_.now);
  if (key) key_ = *key;
  return key.has_value();
}

std::uint64_t Forward::kept_bytes_sent() const {
  const std::size_t kept = kept_.body.size();
  return written_model_.empty() ? kept : kept - model_->token().size + written_model_.size();
}

/// The kept bytes with the model's name replaced; as a chunk if it has a line.
void Forward::add_body(BufferSequence& buffers, std::string_view chunk_line) const {
  const std::string_view kept = kept_.body.text();
  buffers.add(chunk_line);
  if (written_model_.empty()) {
    buffers.add(kept);
  } else {
    const auto [begin, size] = model_->token();
    buffers.add(kept.substr(0, begin));
    buffers.add(written_model_);
    buffers.add(kept.substr(begin + size));
  }
  if (!chunk_line.empty()) buffers.add(http1::ChunkEnd);
}

Task<RequestOutcome> Forward::refuse(const Error& error) {
  const Refusal refusal = refusal_of(error);
  co_await client_.refuse(refusal, terms_);
  co_return RequestOutcome{.outcome = Outcome::UpstreamError,
                           .status = refusal.status,
                           .error_type = std::string(refusal.type),
                           .error_message = refusal.message};
}

Task<void> Forward::refuse(const Refusal& refusal) {
  if (refusal.status == 499) co_return;  // the client is gone
  const bool recorded = count_rejection(client_, refusal);
  co_await client_.refuse(refusal, terms_);
  if (recorded) record_rejection(worker_, facts(nullptr), refusal, begun_);
}

}  // namespace vdm::proxy
