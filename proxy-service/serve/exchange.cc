#include "proxy-service/serve/exchange.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "proxy-service/serve/converted_relay.h"
#include "proxy-service/serve/stream_relay.h"
#include "proxy-service/upstream/gave_up.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t ModelBytesMax = 256;

bool has_type(const http1::ResponseHead& head, std::string_view wanted) {
  const auto type = head.fields().get(http1::FieldName::ContentType).value_or("");
  return http1::equal_ignoring_case(type.substr(0, wanted.size()), wanted);
}

/// A request's JSON but for the model's name, which is reported anyway.
std::array<std::string_view, 2> around(std::string_view body, ByteRange model_token) {
  return {body.substr(0, model_token.begin), body.substr(model_token.begin + model_token.size)};
}

/// A thread's free memory for exchanges.
struct FreeExchanges {
  static constexpr std::size_t Max = 256;
  std::vector<void*> blocks;
  ~FreeExchanges() {
    for (void* const block : blocks) ::operator delete(block);
  }
};
thread_local FreeExchanges free_exchanges;

}  // namespace

void* Exchange::operator new(std::size_t bytes) {
  std::vector<void*>& blocks = free_exchanges.blocks;
  if (blocks.empty()) return ::operator new(bytes);
  void* const block = blocks.back();
  blocks.pop_back();
  return block;
}

void Exchange::operator delete(void* memory) noexcept {
  std::vector<void*>& blocks = free_exchanges.blocks;
  if (blocks.capacity() == 0) blocks.reserve(FreeExchanges::Max);
  if (blocks.size() == FreeExchanges::Max) return ::operator delete(memory);
  blocks.push_back(memory);
}

Task<void> Exchange::run() {
  if (call_.has_content_encoding) {
    const Failure encoded{415, "invalid_request", "Content-Encoding: expected none"};
    terms_.keep_alive = false;
    co_return co_await refuse(encoded);
  }
  BodyReader reader(client_, call_, body_);
  MonotonicTime body_read = begun_;  // it came with the head, most often
  if (!reader.read_now()) {
    const auto unread = co_await reader.read();
    if (unread) {
      terms_.keep_alive = false;
      co_return co_await refuse(*unread);
    }
    body_read = lane_.precise_now();
  }
  // From here on nothing is awaited of the client but that it stays.
  client_.wire().keep_reading();

  auto scan = lane_.scanner.scan(body_.text());
  if (!scan) {
    const Failure malformed = failure_of(scan.error());
    co_return co_await refuse(malformed);
  }
  scan_ = std::move(*scan);
  const std::string& session = call_.session_id.empty() ? scan_.session_id : call_.session_id;
  const RouteHints hints{.session = session, .in_flight = lane_.in_flight};
  auto route = lane_.shared.resolver.resolve(scan_.model, call_.dialect, lane_.balancer, hints);
  report_.emplace(lane_, facts(route ? &route->first : nullptr), begun_, body_read,
                  client_.waiting());
  if (!route) {
    const Error unknown = route.error();
    co_return co_await reject(unknown);
  }
  route_ = std::move(*route);
  if (const auto prepared = prepare(); !prepared) {
    const Error why = prepared.error();
    co_return co_await reject(why);
  }
  co_await forward();
}

/// Refused by us: no provider has heard of it.
Task<void> Exchange::reject(const Error& why) {
  Ending rejected = co_await refuse(why);
  rejected.outcome = Outcome::Rejected;
  report_->finish(rejected);
}

FactsPtr Exchange::facts(const Target* target) const {
  const auto facts = std::make_shared<RequestFacts>();
  facts->request_id = terms_.request_id;
  facts->started_at = lane_.wall_at(begun_);
  facts->client_dialect = call_.dialect;
  facts->requested_model = scan_.model.substr(0, ModelBytesMax);
  if (target != nullptr) {
    facts->upstream_dialect = target->dialect;
    facts->resolved_model = target->model.substr(0, ModelBytesMax);
    facts->provider = lane_.config.providers[target->provider].name;
  }
  facts->streaming = scan_.stream;
  facts->message_count = scan_.message_count;
  facts->request_bytes = body_.size();
  facts->tool_use_count = scan_.tool_use_count;
  facts->tool_result_count = scan_.tool_result_count;
  facts->client_label = call_.client_label;
  facts->user_agent = call_.user_agent;
  facts->session_id = call_.session_id.empty() ? scan_.session_id : call_.session_id;
  facts->agent_id = call_.agent_id;
  facts->trace_id = call_.trace_id;
  return facts;
}

Result<void> Exchange::prepare() {
  turn_ = {};
  state_.retries = 0;
  key_ = 0;
  keys_rest_ = !take_key() && lane_.key_rings[target().provider].size() > 0;
  return prepared_.prepare(body_.text(), scan_, call_.dialect, target());
}

/// One that is awake; if this is the last hope, one that rests.
bool Exchange::take_key() {
  KeyRing& ring = lane_.key_rings[target().provider];
  auto key = ring.take(turn_, lane_.now);
  if (!key && !has_next_target()) key = ring.wake(turn_, lane_.now);
  if (key) key_ = *key;
  return key.has_value();
}

Task<void> Exchange::forward() {
  lane_.retry_budget.request();
  for (;; ++state_.attempts) {
    next_ = {};
    Relayed relayed = co_await attempt();
    if (next_.step == NextStep::GiveUp) co_return co_await conclude(relayed);

    report_->attempt_failed(relayed.ending.error_type);
    upstream_.reset();  // nothing more is read of it
    const bool waited = next_.after.count() == 0 || co_await pause(next_.after);
    if (!waited) {
      relayed.failed->fault = Fault::Interrupted;
      relayed.answer.reset();
      const Error why = gave_up(client_.waiting(), provider(), "");
      relayed.ending = ending_of(why, client_.waiting().interrupted());
      co_return co_await conclude(relayed);
    }
    if (!take_step(next_.step)) co_return co_await conclude(relayed);
  }
}

/// What is not stepped stays as it is. False when no further target can be asked this.
bool Exchange::take_step(NextStep step) {
  switch (step) {
    case NextStep::GiveUp:
      return true;
    case NextStep::SameWay:
      ++state_.retries;
      return true;
    case NextStep::NextKey:
      take_key();
      return true;
    case NextStep::NextTarget:
      break;
  }
  // The request is right: one that cannot be said in a target's dialect is not the client's fault.
  bool ready = false;
  while (!ready && has_next_target()) {
    ++target_index_;
    ready = prepare().has_value();
  }
  if (!ready) return false;
  // Who was asked in vain is among the attempts; what is reported is of who answers.
  const auto facts = std::make_shared<RequestFacts>(report_->facts());
  facts->upstream_dialect = target().dialect;
  facts->resolved_model = target().model.substr(0, ModelBytesMax);
  facts->provider = provider().name;
  report_->retarget(facts);
  return true;
}

Task<bool> Exchange::pause(std::chrono::milliseconds time) {
  Waiting& waiting = client_.waiting();
  waiting.set_deadline(lane_.precise_now() + time);
  while (!waiting.over()) co_await waiting.wait();
  co_return waiting.interrupted() == Interrupt::None;
}

void Exchange::decide(Relayed& relayed) {
  if (!relayed.failed || next_.step != NextStep::GiveUp) return;
  state_.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(lane_.precise_now() - begun_);
  state_.body_started = terms_.begun;
  state_.has_next_key = lane_.key_rings[target().provider].has_next(turn_, lane_.now);
  state_.has_next_target = has_next_target();
  const RetryLimits limits = limits_of(lane_.config.retry, provider(), route_.terms);
  next_ = next_step(limits, *relayed.failed, state_, lane_.retry_budget, lane_.chance());
}

Relayed Exchange::not_tried(std::string_view error_type, std::string_view why) {
  const auto open_for = lane_.breakers[target().provider].open_for(lane_.now);
  const Failure failure{503, error_type, "provider '" + provider().name + "': " + std::string(why)};
  Relayed relayed = not_asked(failure, open_for, terms_);
  decide(relayed);
  return relayed;
}

Task<Relayed> Exchange::attempt() {
  if (keys_rest_) co_return not_tried("keys_rest", "all of its keys rest");
  CallPermit permit(lane_, target().provider);
  if (!permit.given()) {
    co_return not_tried("breaker_open", "it fails most requests and is tried again shortly");
  }
  permit_ = &permit;
  Relayed relayed = co_await send();
  // An error told in a 200 says as much as its status would.
  if (relayed.said_status != 0) heed(relayed.said_status, std::nullopt);
  permit_ = nullptr;
  decide(relayed);
  if (relayed.ending.outcome == Outcome::Ok) permit.say(CallResult::Succeeded);
  const bool failed = relayed.ending.outcome == Outcome::UpstreamError ||
                      relayed.ending.outcome == Outcome::Timeout;
  if (failed) permit.say(CallResult::Failed);
  co_return relayed;
}

/// What an error's status says of the key and of the provider.
void Exchange::heed(int status, std::optional<std::chrono::milliseconds> retry_after) {
  KeyRing& keys = lane_.key_rings[target().provider];
  if (key_ < keys.size()) keys.answered(key_, status, retry_after, lane_.now);
  permit_->say(result_of(status));
}

Task<Relayed> Exchange::send() {
  const auto head = call_.upstream_head.write(provider(), key_, call_, prepared_.size());
  if (!head) {
    permit_->say(CallResult::Neither);
    const Failure failure = failure_of(head.error());
    co_return Relayed{
        .ending = {.outcome = Outcome::Rejected,
                   .status = failure.status,
                   .error_type = std::string(failure.type),
                   .error_message = failure.message},
        .answer = Answer{.status = failure.status,
                         .body = error_body(terms_.dialect, failure, terms_.request_id)}};
  }
  UpstreamRequest request;
  request.pieces.add(*head);
  prepared_.add_to(request.pieces);

  const UpstreamTimeouts timeouts = timeouts_of(provider(), route_.terms);
  upstream_.emplace(lane_.pool(target().provider), timeouts, client_.waiting(), lane_.now);
  const auto answer = co_await upstream_->exchange(request, *report_);
  if (!answer) {
    co_return Relayed{.ending = ending_of(answer.error(), client_.waiting().interrupted()),
                      .failed = FailedAttempt{.fault = upstream_->fault()}};
  }
  const http1::ResponseHead& answered = **answer;
  status_ = answered.status();
  tap_.emplace(target().dialect, lane_.indexer);
  report_->answered(status_, *tap_);
  if (auto refused = refusal(answered)) co_return std::move(*refused);
  const RelayParts parts = relay_parts();
  const bool is_stream = status_ == 200 && has_type(answered, "text/event-stream");
  // A provider may answer whole though it was asked to stream, but the client asked, too.
  const bool to_stream =
      !is_stream && scan_.stream && status_ == 200 && has_type(answered, "application/json");
  const bool converts = to_stream || prepared_.converted();
  const bool reads = is_stream || converts;
  const auto unusable = why_unusable(answered, reads ? Reads::Everything : Reads::Nothing);
  if (!unusable.empty()) {
    const Error why{ErrorKind::UpstreamRejected,
                    "provider '" + provider().name + "': " + std::string(unusable)};
    co_return not_begun(why, parts, Fault::Reset);
  }
  if (is_stream) co_return co_await relay_stream(parts, answered);
  if (!converts) co_return co_await relay_whole(parts, answered);
  const Conversion how = conversion();
  co_return co_await relay_converted(parts, answered, how);
}

/// Set: something else may be tried, or there is nothing to pass on.
std::optional<Relayed> Exchange::refusal(const http1::ResponseHead& head) {
  if (status_ < 300) return std::nullopt;
  if (status_ < 400) {
    const Error redirect{ErrorKind::UpstreamRejected, "the provider answered with a redirect"};
    return Relayed{.ending = ending_of(redirect, client_.waiting().interrupted())};
  }
  const auto said = head.fields().get(http1::FieldName::RetryAfter);
  const auto after = said ? parse_retry_after(*said, lane_.shared.clock.wall()) : std::nullopt;
  heed(status_, after);
  Relayed failed{.ending = {.outcome = Outcome::UpstreamError,
                            .status = status_,
                            .error_type = "http_" + std::to_string(status_),
                            .error_message = "provider '" + provider().name +
                                             "' answered with status " + std::to_string(status_)},
                 .failed = FailedAttempt{.status = status_, .retry_after = after}};
  decide(failed);
  if (next_.step != NextStep::GiveUp) return failed;
  // It is the last word, and passed on. Its message may repeat the request, which is kept
  // to compare it with.
  request_text_ = around(body_.text(), scan_.model_token);
  return std::nullopt;
}

RelayParts Exchange::relay_parts() {
  RelayParts parts{client_, terms_, *upstream_, *tap_, *report_, *this};
  if (status_ >= 400) parts.request = request_text_;
  return parts;
}

Conversion Exchange::conversion() {
  const bool anthropic = call_.dialect == Dialect::Anthropic;
  std::optional<UsageChunk> as_stream;
  if (scan_.stream) as_stream = usage_chunk();
  return {.upstream = target().dialect,
          .request = prepared_,
          .id = (anthropic ? "msg_" : "chatcmpl-") + lane_.new_trace_id(),
          .model = scan_.model,
          .created = std::chrono::duration_cast<std::chrono::seconds>(
                         report_->facts().started_at.time_since_epoch())
                         .count(),
          .stream = as_stream};
}

UsageChunk Exchange::usage_chunk() const {
  const bool hidden = call_.dialect == Dialect::OpenAi && !scan_.include_usage;
  return hidden ? UsageChunk::Hide : UsageChunk::Show;
}

Task<Relayed> Exchange::relay_stream(RelayParts parts, const http1::ResponseHead& head) {
  StreamRelay::Options how{
      .upstream = target().dialect,
      .usage_chunk = usage_chunk(),
      .begin = has_next_target() ? StreamRelay::Begin::WithToken : StreamRelay::Begin::AtOnce};
  std::optional<Conversion> converts;
  if (prepared_.converted()) how.conversion = &converts.emplace(conversion());
  StreamRelay stream(parts, how);
  co_return co_await stream.run(head);
}

/// The client is told, if there is something left to tell, and the report is closed.
Task<void> Exchange::conclude(Relayed& relayed) {
  // What ended before the first byte can still be said with a status.
  if (!terms_.begun && relayed.ending.outcome != Outcome::ClientCancelled) {
    if (relayed.answer) {
      co_await client_.answer(*relayed.answer, terms_);
    } else {
      const Error why = relayed.ending.error();
      const Ending said = co_await refuse(why);
      relayed.ending.status = said.status;
    }
  }
  if (relayed.failed) report_->last_attempt_failed(relayed.ending.error_type);
  report_->finish(relayed.ending);
}

void Exchange::begun() {
  // A failure may repeat the request, which is compared with it; a provider that works
  // needs it no more, and a stream may run for an hour.
  if (status_ >= 400) return;
  body_.release();
  prepared_.release();
}

void Exchange::first_token() {
  if (permit_ != nullptr) permit_->say(CallResult::Succeeded);
}

Task<Ending> Exchange::refuse(const Error& error) {
  const Failure failure = failure_of(error);
  co_await client_.refuse(failure, terms_);
  co_return Ending{.outcome = Outcome::UpstreamError,
                   .status = failure.status,
                   .error_type = std::string(failure.type),
                   .error_message = failure.message};
}

Task<void> Exchange::refuse(const Failure& failure) {
  if (failure.status == 499) co_return;  // there is nobody to tell
  co_await client_.refuse(failure, terms_);
}

}  // namespace vdm::proxy
