#include "proxy-service/serve/client.h"

namespace vdm::proxy {

Task<bool> Client::send_rest(Pieces& pieces) {
  std::string rest;
  rest.reserve(pieces.size());
  pieces.append_to(rest);
  Pieces left;
  left.add(rest);
  waiting_.set_deadline(lane_->now + lane_->config.timeouts.client_write);
  const bool sent = co_await wire_.send_rest(left, waiting_);
  if (sent) co_return true;
  if (waiting_.expired()) wire_.reset();
  waiting_.interrupt(Interrupt::ClientGone);
  co_return false;
}

void Client::end_head(http1::HeadWriter& head, const ReplyTerms& terms) const {
  head.field("x-request-id", terms.request_id);
  if (!terms.keep_alive) {
    head.field("connection", "close");
  } else if (terms.minor_version == 0) {
    head.field("connection", "keep-alive");
  }
  head.end();
}

Task<bool> Client::answer(const Answer& answer, ReplyTerms& terms) {
  if (lane_->draining) terms.keep_alive = false;
  std::string& text = lane_->text;
  text.clear();
  http1::HeadWriter head(text);
  head.status_line(answer.status);
  for (const auto& [name, value] : answer.fields) head.named_field(name, value);
  head.field("content-type", answer.content_type);
  head.field("content-length", answer.body.size());
  end_head(head, terms);
  terms.begun = true;

  Pieces pieces;
  pieces.add(text);
  if (!terms.head_only) pieces.add(answer.body);
  if (send_now(pieces)) co_return true;
  co_return co_await send_rest(pieces);
}

Task<bool> Client::refuse(const Failure& failure, ReplyTerms& terms) {
  Answer no{.status = failure.status, .body = error_body(terms.dialect, failure, terms.request_id)};
  if (failure.status == 503) no.fields.emplace_back("retry-after", "1");
  if (failure.status == 401) no.fields.emplace_back("www-authenticate", "Bearer");
  const bool sent = co_await answer(no, terms);
  co_return sent;
}

}  // namespace vdm::proxy
