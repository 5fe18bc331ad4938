#include "proxy-service/serve/exchange.h"

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "proxy-service/serve/stream_relay.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t ModelBytesMax = 256;

std::string_view name_of(Dialect dialect) {
  return dialect == Dialect::OpenAi ? "OpenAI" : "Anthropic";
}

Error other_dialect(const Provider& provider, Dialect client) {
  std::string message = "provider '" + provider.name + "' speaks the ";
  message.append(name_of(provider.dialect))
      .append(" dialect and this request is in the ")
      .append(name_of(client))
      .append(" dialect; call ")
      .append(provider.dialect == Dialect::OpenAi ? "/v1/chat/completions" : "/v1/messages")
      .append(" for its models");
  return {ErrorKind::InvalidRequest, std::move(message)};
}

bool is_event_stream(const http1::ResponseHead& head) {
  constexpr std::string_view Type = "text/event-stream";
  const auto type = head.fields().get(http1::FieldName::ContentType).value_or("");
  return http1::equal_ignoring_case(type.substr(0, Type.size()), Type);
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
  if (!reader.read_now()) {
    const auto unread = co_await reader.read();
    if (unread) {
      terms_.keep_alive = false;
      co_return co_await refuse(*unread);
    }
  }
  const MonotonicTime body_read = lane_.precise_now();
  // From here on nothing is awaited of the client but that it stays.
  client_.wire().keep_reading();

  auto scan = lane_.scanner.scan(body_.text());
  if (!scan) {
    const Failure malformed = failure_of(scan.error());
    co_return co_await refuse(malformed);
  }
  scan_ = std::move(*scan);
  const RouteHints hints{.session = call_.session_id.empty() ? scan_.session_id : call_.session_id};
  auto route = lane_.shared.resolver.resolve(scan_.model, call_.dialect, lane_.balancer, hints);
  const Target* const target = route ? &route->first : nullptr;
  report_.emplace(lane_, facts(target), begun_, body_read, client_.waiting());
  if (target != nullptr && target->dialect == call_.dialect) {
    target_ = std::move(route->first);
    co_return co_await forward();
  }
  const Error why = route ? other_dialect(lane_.config.providers[target->provider], call_.dialect)
                          : route.error();
  co_return co_await reject(why);
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
  facts->started_at = std::chrono::time_point_cast<Micros>(lane_.shared.clock.wall());
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

Task<void> Exchange::forward() {
  const Provider& provider = lane_.config.providers[target_.provider];
  const bool ask_usage = scan_.stream && call_.dialect == Dialect::OpenAi && !scan_.include_usage;
  spliced_.emplace(body_.text(), scan_, target_.model,
                   ask_usage ? SplicedBody::Usage::AskFor : SplicedBody::Usage::AsItIs);
  const auto head = call_.upstream_head.write(provider, call_, spliced_->size());
  if (!head) co_return co_await reject(head.error());
  request_.pieces.add(*head);
  for (const std::string_view piece : spliced_->pieces()) request_.pieces.add(piece);

  upstream_.emplace(lane_.pool(target_.provider), client_.waiting(), lane_.now);
  const auto answer = co_await upstream_->exchange(request_, *report_);
  Ending ending;
  if (answer) {
    ending = co_await relay(**answer);
  } else {
    report_->attempt_failed(failure_of(answer.error()).type);
    ending = ending_of(answer.error(), client_.waiting().interrupted());
  }
  // What ended before the first byte can still be said with a status.
  if (!terms_.begun && ending.outcome != Outcome::ClientCancelled) {
    const Error why = answer ? ending.error() : answer.error();
    const Ending said = co_await refuse(why);
    ending.status = said.status;
  }
  report_->finish(ending);
}

Task<Ending> Exchange::relay(const http1::ResponseHead& head) {
  tap_.emplace(call_.dialect, lane_.indexer);
  report_->answered(head.status(), *tap_);
  const RelayParts parts{client_, terms_, *upstream_, *tap_, *report_};
  if (head.status() >= 300 && head.status() < 400) {
    const Error redirect{ErrorKind::UpstreamRejected, "the provider answered with a redirect"};
    co_return ending_of(redirect, client_.waiting().interrupted());
  }
  // Nothing is sent again from here on: what was sent makes room, unless the answer
  // is a failure, whose message may repeat it.
  std::array<std::string_view, 2> request;
  if (head.status() >= 400) {
    request = around(body_.text(), scan_.model_token);
  } else {
    body_.release();
  }
  if (head.status() != 200 || !is_event_stream(head)) {
    co_return co_await relay_whole(parts, head, request);
  }
  const bool hide = call_.dialect == Dialect::OpenAi && !scan_.include_usage;
  StreamRelay stream(parts, hide ? StreamRelay::UsageChunk::Hide : StreamRelay::UsageChunk::Show);
  co_return co_await stream.run(head);
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
