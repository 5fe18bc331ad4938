#include "proxy-service/completion/converted_relay.h"

#include <algorithm>
#include <utility>

#include "proxy-service/convert/answer_stream.h"
#include "proxy-service/convert/chat_to_messages/response.h"
#include "proxy-service/convert/errors/error_body.h"
#include "proxy-service/convert/json/wire_json.h"
#include "proxy-service/convert/messages_to_chat/response.h"
#include "proxy-service/redact/redact.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

using http1::FieldName;

constexpr std::string_view EventStream = "text/event-stream; charset=utf-8";

Error unusable(const RelayParts& parts, std::string_view what) {
  return {ErrorKind::UpstreamRejected,
          "provider '" + parts.call.provider().name + "': " + std::string(what)};
}

Result<json::object> answer_in(const std::string& body, Dialect client,
                               const Conversion& conversion) {
  auto answer = parse_body(body);
  if (!answer || conversion.upstream == client) return answer;
  const ResponseOptions options{
      .id = conversion.id, .model = std::string(conversion.model), .created = conversion.created};
  const ToolNames& names = conversion.request.tool_names();
  return conversion.upstream == Dialect::OpenAi
             ? response_chat_to_messages(*answer, options, names)
             : response_messages_to_chat(*answer, options, names);
}

Result<std::string> convert(const std::string& body, Dialect client, const Conversion& conversion) {
  const auto answer = answer_in(body, client, conversion);
  if (!answer) return answer.error();
  if (!conversion.stream) return json_text(*answer);
  return stream_of_answer(client, *answer, *conversion.stream);
}

/// The provider's error as the client gets it: unchanged when both speak the same dialect and
/// nothing is added, else converted. In a converted 401 or 403 the provider's words about our key
/// are redacted.
Answer error_for_client(const RelayParts& parts, ProviderError error, const Conversion& conversion,
                        std::string& body) {
  const std::string_view meant = conversion.did_you_mean;
  if (conversion.upstream == parts.terms.dialect && meant.empty()) {
    return {.status = error.status, .body = std::move(body)};
  }
  if (!meant.empty()) error.message.append("; did you mean ").append(meant).append("?");
  if (error.status == 401 || error.status == 403) error.message = redacted(error.message);
  ErrorBody said = error_answer(parts.terms.dialect, error, parts.terms.request_id);
  return {.status = said.status, .body = std::move(said.body)};
}

void add_fields(Answer& answer, const http1::ResponseHead& from) {
  if (const auto after = from.fields().get(FieldName::RetryAfter)) {
    answer.fields.emplace_back("retry-after", *after);
  }
  if (const auto id = from.fields().get(FieldName::XRequestId)) {
    answer.fields.emplace_back("x-upstream-request-id", *id);
  }
}

/// Sends a body that was read whole, with the provider's own head.
Task<bool> send_as_it_is(RelayParts parts, const http1::ResponseHead& from,
                         const std::string& body) {
  ClientConnection& client = parts.client;
  std::string& text = client.head_text();
  http1::HeadWriter head(text);
  append_head(head, from);
  head.field("content-length", body.size());
  client.end_head(head, parts.terms);
  parts.terms.status = from.status();
  parts.report.relayed(body.size());
  BufferSequence buffers;
  buffers.add(text);
  buffers.add(body);
  if (client.send_now(buffers)) co_return true;
  parts.report.draining();
  co_return co_await client.send_rest(buffers);
}

}  // namespace

Task<Result<std::string>> read_answer(RelayParts parts) {
  auto& [client, terms, call, tap, report, permit, kept, request] = parts;
  const MonotonicTime whole_until = client.worker().now + call.timeouts().whole_stream;
  auto idle = call.timeouts().first_byte;
  std::string body;
  for (;;) {
    client.wait_point().set_deadline(std::min(client.worker().now + idle, whole_until));
    const auto payload = co_await call.body();
    if (!payload) co_return payload.error();
    if (payload->empty()) break;
    const std::string_view bytes(payload->data(), payload->size());
    if (body.size() + bytes.size() > Tap::body_bytes_max) {
      co_return unusable(parts, "its answer is too large to be converted");
    }
    tap.body(bytes);
    body.append(bytes);
    idle = call.timeouts().stream_idle;
  }
  tap.body_end();
  call.finish();
  co_return body;
}

void append_converted_head(http1::HeadWriter& head, const http1::ResponseHead& from) {
  head.status_line(from.status());
  head.field("content-type", EventStream);
  head.field("cache-control", "no-cache");
  if (const auto id = from.fields().get(FieldName::XRequestId)) {
    head.field("x-upstream-request-id", *id);
  }
}

Task<RelayResult> relay_error(RelayParts parts, const http1::ResponseHead& from,
                              const Conversion& conversion, Result<std::string> body) {
  const int status = from.status();
  const bool interrupted = parts.client.wait_point().interrupted() != Interrupt::None;
  // When the body of an error cannot be read, the client still gets its status.
  if (!body && !interrupted) body = std::string();
  if (!body) co_return not_begun(body.error(), parts, AttemptFailure::Kind::FirstByteTimeout);

  RelayResult relayed{.ended = outcome_of_whole(parts, status)};
  if (conversion.upstream == parts.terms.dialect && conversion.did_you_mean.empty()) {
    const bool sent = co_await send_as_it_is(parts, from, *body);
    if (!sent) relayed.ended = outcome_of(Error{}, parts.client.wait_point().interrupted());
    co_return relayed;
  }
  Answer answer = error_for_client(parts, read_provider_error(status, *body), conversion, *body);
  relayed.ended.status = answer.status;
  add_fields(answer, from);
  parts.report.relayed(answer.body.size());
  const bool sent = co_await parts.client.answer(answer, parts.terms);
  if (!sent) relayed.ended = outcome_of(Error{}, parts.client.wait_point().interrupted());
  co_return relayed;
}

Task<RelayResult> relay_converted(RelayParts parts, const http1::ResponseHead& from,
                                  const Conversion& conversion) {
  const int status = from.status();
  auto body = co_await read_answer(parts);
  if (status >= 400) co_return co_await relay_error(parts, from, conversion, std::move(body));
  if (!body) co_return not_begun(body.error(), parts, AttemptFailure::Kind::FirstByteTimeout);

  RelayResult relayed{.ended = outcome_of_whole(parts, status)};
  Answer answer;
  if (parts.tap.facts().error) {  // an error in a 200: the client has no byte yet
    const ProviderError error = read_provider_error(status, *body);
    answer = error_for_client(parts, error, conversion, *body);
    relayed.ended.status = answer.status;
    relayed.reported_status = error.status;
    relayed.failed = AttemptFailure{.status = error.status};
    relayed.answer = std::move(answer);
    co_return relayed;
  } else {
    auto text = convert(*body, parts.terms.dialect, conversion);
    if (!text)
      co_return not_begun(unusable(parts, text.error().message), parts,
                          AttemptFailure::Kind::Reset);
    answer.status = status;
    answer.body = std::move(*text);
    if (conversion.stream) {
      answer.content_type = EventStream;
      answer.fields.emplace_back("cache-control", "no-cache");
    }
  }
  add_fields(answer, from);
  parts.kept.release();
  parts.report.relayed(answer.body.size());
  const bool sent = co_await parts.client.answer(answer, parts.terms);
  if (!sent) relayed.ended = outcome_of(Error{}, parts.client.wait_point().interrupted());
  co_return relayed;
}

}  // namespace vdm::proxy
