#include "proxy-service/serve/exchange.h"

#include <memory>

#include "proxy-service/serve/stream_relay.h"
#include "proxy-service/serve/upstream_head.h"

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

}  // namespace

Task<void> Exchange::run() {
  if (call_.has_content_encoding) {
    const Failure encoded{415, "invalid_request", "Content-Encoding: expected none"};
    terms_.keep_alive = false;
    co_return co_await refuse(encoded);
  }
  BodyReader reader(client_, call_, body_);
  const auto unread = co_await reader.read();
  if (unread) {
    terms_.keep_alive = false;
    co_return co_await refuse(*unread);
  }
  const MonotonicTime body_read = lane_.precise_now();

  const auto scan = lane_.scanner.scan(body_.text());
  if (!scan) {
    const Failure malformed = failure_of(scan.error());
    co_return co_await refuse(malformed);
  }
  const auto target = lane_.shared.resolver.resolve(scan->model, call_.dialect);
  RequestReport report(lane_, facts(*scan, target ? &*target : nullptr), begun_, body_read,
                       client_.waiting());
  if (target && target->dialect == call_.dialect) {
    co_return co_await forward(*scan, *target, report);
  }
  const Error why = target ? other_dialect(lane_.config.providers[target->provider], call_.dialect)
                           : target.error();
  Ending rejected = co_await refuse(why);
  rejected.outcome = Outcome::Rejected;
  report.finish(rejected);
}

FactsPtr Exchange::facts(const RequestScan& scan, const Target* target) const {
  const auto facts = std::make_shared<RequestFacts>();
  facts->request_id = terms_.request_id;
  facts->started_at = std::chrono::time_point_cast<Micros>(lane_.shared.clock.wall());
  facts->client_dialect = call_.dialect;
  facts->requested_model = scan.model.substr(0, ModelBytesMax);
  if (target != nullptr) {
    facts->upstream_dialect = target->dialect;
    facts->resolved_model = target->model.substr(0, ModelBytesMax);
    facts->provider = lane_.config.providers[target->provider].name;
  }
  facts->streaming = scan.stream;
  facts->message_count = scan.message_count;
  facts->request_bytes = body_.size();
  facts->tool_use_count = scan.tool_use_count;
  facts->tool_result_count = scan.tool_result_count;
  facts->client_label = call_.client_label;
  facts->user_agent = call_.user_agent;
  facts->session_id = call_.session_id.empty() ? scan.session_id : call_.session_id;
  facts->agent_id = call_.agent_id;
  facts->trace_id = call_.trace_id;
  return facts;
}

Task<void> Exchange::forward(const RequestScan& scan, const Target& target, RequestReport& report) {
  const Provider& provider = lane_.config.providers[target.provider];
  const bool ask_usage = scan.stream && call_.dialect == Dialect::OpenAi && !scan.include_usage;
  const SplicedBody body(body_.text(), scan, target.model,
                         ask_usage ? SplicedBody::Usage::AskFor : SplicedBody::Usage::AsItIs);
  const auto head = upstream_head(provider, call_, body.size());
  if (!head) {
    Ending rejected = co_await refuse(head.error());
    rejected.outcome = Outcome::Rejected;
    report.finish(rejected);
    co_return;
  }
  UpstreamRequest request;
  request.pieces.add(*head);
  for (const std::string_view piece : body.pieces()) request.pieces.add(piece);

  UpstreamCall call(lane_.pool(target.provider), client_.waiting(), lane_.now);
  const auto answer = co_await call.exchange(request, report);
  Ending ending;
  if (answer) {
    // Nothing is sent again from here on.
    body_.release();
    ending = co_await relay(**answer, call, scan, report);
  } else {
    report.attempt_failed(failure_of(answer.error()).type);
    ending = ending_of(answer.error(), client_.waiting().interrupted());
  }
  // What ended before the first byte can still be said with a status.
  if (!terms_.begun && ending.outcome != Outcome::ClientCancelled) {
    const Error why =
        answer ? Error{ErrorKind::UpstreamRejected, ending.error_message} : answer.error();
    const Ending said = co_await refuse(why);
    ending.status = said.status;
  }
  if (ending.outcome != Outcome::Ok && ending.status == 0) ending.status = terms_.begun ? 200 : 0;
  report.finish(ending);
}

Task<Ending> Exchange::relay(const http1::ResponseHead& head, UpstreamCall& call,
                             const RequestScan& scan, RequestReport& report) {
  tap_.emplace(call_.dialect);
  report.answered(head.status(), *tap_);
  const RelayParts parts{client_, terms_, call, *tap_, report};
  if (head.status() >= 300 && head.status() < 400) {
    const Error redirect{ErrorKind::UpstreamRejected, "the provider answered with a redirect"};
    co_return ending_of(redirect, client_.waiting().interrupted());
  }
  if (head.status() != 200 || !is_event_stream(head)) co_return co_await relay_whole(parts, head);
  const bool hide = call_.dialect == Dialect::OpenAi && !scan.include_usage;
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
