#include "proxy-service/serve/token_count.h"

#include <string>

#include "proxy-service/convert/count_tokens.h"
#include "proxy-service/convert/wire_json.h"
#include "proxy-service/serve/relay.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t AnswerBytesMax = 256 * 1024;

/// The provider does not know the question.
bool is_unknown_there(int status) { return status == 404 || status == 405 || status == 501; }

}  // namespace

Task<void> TokenCount::run() {
  const auto unread = co_await read_body();
  if (unread) {
    terms_.keep_alive = false;
    co_return co_await refuse(*unread);
  }
  client_.wire().keep_reading();
  const auto scan = lane_.scanner.scan(body_.text());
  if (!scan) {
    const Failure malformed = failure_of(scan.error());
    co_return co_await refuse(malformed);
  }
  const auto route = lane_.shared.resolver.resolve(scan->model, call_.dialect, lane_.balancer);
  if (!route) {
    const Failure unknown = failure_of(route.error());
    co_return co_await refuse(unknown);
  }
  if (route->first.dialect == Dialect::Anthropic) {
    const bool answered = co_await ask_provider(route->first, *scan);
    if (answered) co_return;
  }
  co_await estimate();
}

Task<std::optional<Failure>> TokenCount::read_body() {
  if (call_.has_content_encoding) {
    co_return Failure{415, "invalid_request", "Content-Encoding: expected none"};
  }
  BodyReader reader(client_, call_, body_);
  if (reader.read_now()) co_return std::nullopt;
  co_return co_await reader.read();
}

Task<bool> TokenCount::ask_provider(const Target& target, const RequestScan& scan) {
  const Provider& provider = lane_.config.providers[target.provider];
  const SplicedBody spliced(body_.text(), scan, target.model, SplicedBody::Usage::AsItIs);
  KeyRing::Turn turn;
  const auto key = lane_.key_rings[target.provider].take(turn, lane_.now);
  const auto head = call_.upstream_head.write(provider, key.value_or(0), call_, spliced.size());
  if (!head) {
    const Failure failure = failure_of(head.error());
    co_await refuse(failure);
    co_return true;
  }
  UpstreamRequest request;
  request.pieces.add(*head);
  for (const std::string_view piece : spliced.pieces()) request.pieces.add(piece);

  UpstreamCall upstream(lane_.pool(target.provider), client_.waiting(), lane_.now);
  const auto answer = co_await ask(client_, upstream, request, AnswerBytesMax);
  if (!answer) {
    const Failure failure = failure_of_question(client_, answer.error());
    co_await refuse(failure);
    co_return true;
  }
  if (is_unknown_there(answer->head->status())) co_return false;
  co_await pass_on(*answer);
  co_return true;
}

Task<void> TokenCount::pass_on(const WholeAnswer& answer) {
  if (lane_.draining) terms_.keep_alive = false;
  std::string& text = client_.head_text();
  http1::HeadWriter head(text);
  append_head(head, *answer.head);
  head.field("content-length", answer.body.size());
  client_.end_head(head, terms_);
  terms_.begun = true;
  Pieces pieces;
  pieces.add(text);
  pieces.add(answer.body);
  if (!client_.send_now(pieces)) co_await client_.send_rest(pieces);
}

Task<void> TokenCount::estimate() {
  const auto request = parse_body(body_.text());
  if (!request) {
    const Failure malformed = failure_of(request.error());
    co_return co_await refuse(malformed);
  }
  Answer answer;
  answer.body = R"({"input_tokens":)" + std::to_string(estimate_input_tokens(*request)) + "}";
  answer.fields.emplace_back("x-vandamme-estimate", "true");
  co_await client_.answer(answer, terms_);
}

Task<void> TokenCount::refuse(const Failure& failure) {
  if (failure.status == 499) co_return;  // there is nobody to tell
  co_await client_.refuse(failure, terms_);
}

}  // namespace vdm::proxy
