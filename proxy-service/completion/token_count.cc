#include "proxy-service/completion/token_count.h"

#include <functional>
#include <string>

#include "proxy-service/completion/large_scan.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/convert/content/count_tokens.h"
#include "proxy-service/convert/json/wire_json.h"
#include "proxy-service/worker/listed_models.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t AnswerBytesMax = 256 * 1024;

/// Whether the status means that the provider does not count tokens.
bool is_unknown_there(int status) { return status == 404 || status == 405 || status == 501; }

Result<std::uint64_t> estimated(std::string_view body) {
  const auto thinned = ThinnedJson::of(body, {});
  if (!thinned) return thinned.error();
  const auto request = parse_body(thinned->text());
  if (!request) return request.error();
  return estimate_input_tokens(*request, &*thinned);
}

}  // namespace

Task<void> TokenCount::run() {
  const auto unread = co_await read_body();
  if (unread) {
    terms_.keep_alive = false;
    co_return co_await refuse(*unread);
  }
  client_.connection().keep_reading();
  Result<RequestScan> scan = RequestScan();
  if (is_large(body_.text())) {
    scan = co_await scan_large(client_, body_.text());
  } else {
    scan = worker_.scanner.scan(body_.text());
  }
  if (!scan) {
    const Refusal malformed = refusal_of(scan.error());
    co_return co_await refuse(malformed);
  }
  auto route = worker_.snapshot.resolver.resolve(scan->model, request_.dialect, worker_.balancer);
  if (!route) {
    const Error refusal = route.error();
    const Caller caller{request_.own, request_.dialect};
    route = co_await resolve_listed(client_, scan->model, caller, refusal);
  }
  const Result<void> askable =
      route ? leave_out_others(*route, worker_.config.providers, request_.own) : route.error();
  if (!askable) {
    const Refusal why = refusal_of(askable.error());
    co_return co_await refuse(why);
  }
  if (route->first.dialect == Dialect::Anthropic) {
    const bool answered = co_await ask_provider(route->first, *scan);
    if (answered) co_return;
  }
  co_await estimate();
}

Task<std::optional<Refusal>> TokenCount::read_body() {
  if (request_.has_content_encoding) {
    co_return Refusal{415, "invalid_request", "Content-Encoding: expected none"};
  }
  BodyReader reader(client_, request_, body_);
  if (reader.read_now()) co_return std::nullopt;
  co_return co_await reader.read();
}

Task<bool> TokenCount::ask_provider(const Target& target, const RequestScan& scan) {
  const Provider& provider = worker_.config.providers[target.provider];
  const SplicedBody spliced(body_.text(), scan, target.model, SplicedBody::Usage::AsItIs);
  KeyRing& ring = worker_.key_rings[target.provider];
  KeyRing::Tried tried;
  const std::uint64_t session =
      ring.by_session()
          ? session_hash(session_of(request_, scan), request_.facts->client_label, body_.text())
          : 0;
  const auto key = ring.take(tried, worker_.now, session);
  const Door& door = door_for(provider, target.dialect);
  const auto head =
      request_.upstream_head.write(provider, door, key.value_or(0), request_, spliced.size());
  if (!head) {
    const Refusal refusal = refusal_of(head.error());
    co_await refuse(refusal);
    co_return true;
  }
  UpstreamRequest request;
  request.buffers.add(*head);
  for (const std::string_view piece : spliced.pieces()) request.buffers.add(piece);

  UpstreamCall upstream(worker_.pool(target.provider, target.dialect), client_.wait_point(),
                        worker_.now);
  auto answer = co_await fetch_answer(upstream, request, AnswerBytesMax);
  if (!answer) {
    const Refusal refusal = refusal_of(answer.error(), client_.wait_point().interrupted());
    co_await refuse(refusal);
    co_return true;
  }
  if (is_unknown_there(answer->head->status())) co_return false;
  co_await pass_on(*answer);
  co_return true;
}

Task<void> TokenCount::pass_on(WholeAnswer& answer) {
  if (worker_.draining) terms_.keep_alive = false;
  std::string& text = client_.head_text();
  http1::HeadWriter head(text);
  append_head(head, *answer.head, terms_, worker_.snapshot.passed_fields);
  head.field("content-length", answer.body.size());
  client_.end_head(head, terms_);
  worker_.snapshot.own_keys.blot_out(text);
  worker_.snapshot.own_keys.blot_out(answer.body);
  terms_.status = answer.head->status();
  BufferSequence buffers;
  buffers.add(text);
  buffers.add(answer.body);
  if (!client_.send_now(buffers)) co_await client_.send_rest(buffers);
}

Task<void> TokenCount::estimate() {
  Result<std::uint64_t> tokens = 0;
  const std::function<void()> count = [this, &tokens] { tokens = estimated(body_.text()); };
  HeavyWork& heavy = worker_.snapshot.server.heavy_work;
  const bool counted = co_await heavy.run(client_, body_.size(), count);
  if (!counted || !tokens) {
    const Refusal none = counted ? refusal_of(tokens.error()) : no_time_for_body();
    co_return co_await refuse(none);
  }
  Answer answer;
  answer.body = R"({"input_tokens":)" + std::to_string(*tokens) + "}";
  answer.fields.emplace_back("x-vandamme-estimate", "true");
  co_await client_.answer(answer, terms_);
}

Task<void> TokenCount::refuse(const Refusal& refusal) {
  if (refusal.status == 499) co_return;  // the client is gone
  co_await client_.refuse(refusal, terms_);
}

}  // namespace vdm::proxy
