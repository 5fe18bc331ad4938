#include "proxy-service/completion/converted_relay.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "proxy-service/completion/error_relay.h"
#include "proxy-service/completion/large_scan.h"
#include "proxy-service/convert/answer_of_stream.h"
#include "proxy-service/convert/answer_stream.h"
#include "proxy-service/convert/chat_to_messages/response.h"
#include "proxy-service/convert/json/wire_json.h"
#include "proxy-service/convert/messages_to_chat/response.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

using http1::FieldName;

/// What is made of a body that is read whole: its text, or the answer that a stream comes to.
class WholeBody {
 public:
  WholeBody(Dialect upstream, AnswerForm form) {
    if (form == AnswerForm::Stream) stream_.emplace(upstream, Tap::body_bytes_max);
  }

  /// False: no further bytes count.
  bool take(std::string_view bytes) {
    if (stream_) return stream_->take(bytes);
    text_.append(bytes);
    return text_.size() <= Tap::body_bytes_max;
  }
  Result<std::string> take_text() && {
    if (stream_) return std::move(*stream_).take_answer();
    if (text_.size() <= Tap::body_bytes_max) return std::move(text_);
    return Error{ErrorKind::UpstreamRejected, "the provider's answer is too large to be converted"};
  }

 private:
  std::optional<AnswerOfStream> stream_;
  std::string text_;
};

Task<Result<std::string>> read_body(RelayParts parts, WholeBody body, std::span<char> begin) {
  auto& [client, terms, call, tap, report, permit, kept, model_token] = parts;
  const MonotonicTime whole_until = client.worker().now + call.timeouts().whole_stream;
  bool more = body.take({begin.data(), begin.size()});
  while (more && !call.body_done()) {
    client.wait_point().set_deadline(
        std::min(client.worker().now + call.timeouts().stream_idle, whole_until));
    const auto payload = co_await call.body();
    if (!payload) co_return payload.error();
    more = body.take({payload->data(), payload->size()});
  }
  auto text = std::move(body).take_text();
  if (!text) co_return text;
  tap.body_end(*text);
  call.finish();
  co_return text;
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

}  // namespace

void append_converted_head(http1::HeadWriter& head, const http1::ResponseHead& from,
                           const ReplyTerms& terms) {
  head.status_line(from.status());
  head.field("content-type", EventStream);
  head.field("cache-control", "no-cache");
  auto id = from.fields().get(FieldName::XRequestId);
  if (!id) id = from.fields().get(FieldName::RequestId);
  if (id) head.field("x-upstream-request-id", *id);
  if (terms.dialect == Dialect::Anthropic) head.field("request-id", terms.request_id);
}

Task<RelayResult> relay_converted(RelayParts parts, const http1::ResponseHead& from,
                                  const Conversion& conversion, AnswerForm form,
                                  std::span<char> begin) {
  parts.call.keep_head();
  WholeBody whole(conversion.upstream, form);
  auto body = co_await read_body(parts, std::move(whole), begin);
  if (!body) co_return not_begun(body.error(), parts, AttemptFailure::Kind::FirstByteTimeout);
  const TapFacts& seen = parts.tap.facts();
  if (seen.error || seen.nothing()) {
    co_return no_answer(parts, from, conversion.upstream, std::move(*body));
  }

  Result<std::string> text = std::string();
  const std::function<void()> work = [&] {
    text = convert(*body, parts.terms.dialect, conversion);
  };
  HeavyWork& heavy = parts.client.worker().snapshot.server.heavy_work;
  const bool converted = co_await heavy.run(parts.client, body->size(), work);
  if (!converted) co_return unusable(parts, "too many large answers are being converted");
  if (!text) {
    co_return unusable(parts, text.error().message);
  }
  Answer answer{.status = from.status(), .body = std::move(*text)};
  if (conversion.stream) {
    answer.content_type = EventStream;
    answer.fields.emplace_back("cache-control", "no-cache");
  }
  add_fields(answer, from, parts);
  parts.kept.release();
  parts.report.relayed(answer.body.size());
  RelayResult relayed{.ended = {.outcome = Outcome::Ok, .status = from.status()}};
  const bool sent = co_await parts.client.answer(answer, parts.terms);
  if (!sent) relayed.ended = outcome_of(Error{}, parts.client.wait_point().interrupted());
  co_return relayed;
}

}  // namespace vdm::proxy
