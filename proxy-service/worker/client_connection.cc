#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

Task<bool> ClientConnection::send_rest(BufferSequence& buffers) {
  std::string rest;
  rest.reserve(buffers.size());
  buffers.append_to(rest);
  BufferSequence left;
  left.add(rest);
  wait_point_.set_deadline(worker_->now + worker_->config.timeouts.client_write);
  const bool sent = co_await connection_.send_rest(left, wait_point_);
  if (sent) co_return true;
  if (wait_point_.expired()) connection_.reset();
  wait_point_.interrupt(Interrupt::ClientGone);
  co_return false;
}

namespace {

/// Lets the page of a named origin read the answer, with every field of it.
void add_page_fields(http1::HeadWriter& head, std::string_view origin) {
  head.field("vary", "origin");
  if (origin.empty()) return;
  head.field("access-control-allow-origin", origin);
  head.field("access-control-expose-headers", "*");
}

}  // namespace

void ClientConnection::end_head(http1::HeadWriter& head, const ReplyTerms& terms) const {
  if (worker_->snapshot.pages.names_any()) add_page_fields(head, terms.page_origin);
  head.field("x-request-id", terms.request_id);
  if (!terms.asked.provider.empty()) {
    head.field("x-vandamme-provider", terms.asked.provider);
    if (!terms.asked.model.empty()) head.field("x-vandamme-model", terms.asked.model);
  }
  if (!terms.keep_alive) {
    head.field("connection", "close");
  } else if (terms.minor_version == 0) {
    head.field("connection", "keep-alive");
  }
  head.end();
}

Task<bool> ClientConnection::answer(const Answer& answer, ReplyTerms& terms) {
  if (worker_->draining) terms.keep_alive = false;
  std::string& text = worker_->text;
  text.clear();
  http1::HeadWriter head(text);
  head.status_line(answer.status);
  for (const auto& [name, value] : answer.fields) head.named_field(name, value);
  head.field("content-type", answer.content_type);
  head.field("content-length", answer.text().size());
  // The SDKs of each dialect read the id of the request under another name.
  if (terms.dialect == Dialect::Anthropic) head.field("request-id", terms.request_id);
  end_head(head, terms);
  terms.status = answer.status;

  BufferSequence buffers;
  buffers.add(text);
  if (!terms.head_only) buffers.add(answer.text());
  if (send_now(buffers)) co_return true;
  co_return co_await send_rest(buffers);
}

Task<bool> ClientConnection::refuse(const Refusal& refusal, ReplyTerms& terms) {
  Answer no{.status = refusal.status, .body = error_body(terms.dialect, refusal, terms.request_id)};
  if (refusal.retry_after.count() > 0) {
    no.fields.emplace_back("retry-after", std::to_string(refusal.retry_after.count()));
  } else if (refusal.status == 503) {
    no.fields.emplace_back("retry-after", "1");
  }
  if (refusal.status == 401) no.fields.emplace_back("www-authenticate", "Bearer");
  const bool sent = co_await answer(no, terms);
  co_return sent;
}

Task<bool> ClientConnection::end_stream(const Refusal& refusal, ReplyTerms& terms) {
  terms.takes_event = false;
  const std::string event = error_event(terms.dialect, refusal, terms.request_id);
  const bool chunked = terms.minor_version == 1;
  const http1::ChunkLine line(event.size());
  BufferSequence buffers;
  if (chunked) buffers.add(line.text());
  buffers.add(event);
  if (chunked) {
    buffers.add(http1::ChunkEnd);
    buffers.add(http1::LastChunk);
  }
  if (send_now(buffers)) co_return true;
  co_return co_await send_rest(buffers);
}

}  // namespace vdm::proxy
