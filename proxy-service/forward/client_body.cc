#include "proxy-service/forward/client_body.h"

#include <algorithm>
#include <string>
#include <utility>

namespace vdm::proxy {
namespace {

constexpr std::string_view Continue = "HTTP/1.1 100 Continue\r\n\r\n";

Refusal client_gone() { return {499, "client_gone", "the client closed the connection"}; }

}  // namespace

ClientBody::ClientBody(ClientConnection& client, const ClientRequest& request, BodyBuffer& kept)
    : client_(client), request_(request), kept_(kept) {
  const std::size_t most = client.worker().config.limits.forwarded_body_bytes_max;
  decoder_ = request.chunked
                 ? http1::BodyDecoder::chunked(most)
                 : http1::BodyDecoder::of_length(request.content_length.value_or(0), most);
}

std::uint64_t ClientBody::size() const {
  return chunked() ? decoder_.payload_bytes() : request_.content_length.value_or(0);
}

Task<std::optional<Refusal>> ClientBody::read_beginning(NamedModel& model, bool wants_model) {
  const std::size_t most = client_.worker().config.limits.body_bytes_max;
  begun_ = client_.worker().now;
  if (decoder_.refused()) co_return refusal_of(decoder_.refusal());
  if (request_.expect_continue && client_.connection().unread().empty() && !whole()) {
    BufferSequence buffers;
    buffers.add(Continue);
    if (!client_.send_now(buffers)) co_return client_gone();
  }
  for (;;) {
    auto refusal = keep_what_came();
    if (refusal) co_return refusal;
    if (wants_model) {
      const auto read = model.read(kept_.text());
      if (!read) co_return refusal_of(read.error());
    }
    const bool searches = wants_model && model.may_follow();
    if (whole() || (kept_.size() > KeptBytesMax && !searches)) {
      repeatable_ = whole() && kept_.size() <= KeptBytesMax;
      co_return std::nullopt;
    }
    if (kept_.size() > std::max(most, KeptBytesMax)) {
      co_return Refusal{
          413, "invalid_request",
          "model: expected within the body's first " + std::to_string(most) + " bytes"};
    }
    refusal = co_await more();
    if (refusal) co_return refusal;
  }
}

std::optional<Refusal> ClientBody::keep_what_came() {
  Connection& connection = client_.connection();
  const std::size_t most = client_.worker().config.limits.forwarded_body_bytes_max;
  const auto size = static_cast<std::size_t>(request_.content_length.value_or(most));
  std::string_view bytes = connection.unread();
  const std::size_t before = bytes.size();
  while (!bytes.empty() && decoder_.reading()) {
    const std::string_view payload = decoder_.next(bytes);
    if (kept_.append(payload, size)) continue;
    return Refusal{503, "overloaded", "too many large requests at once; try again shortly"};
  }
  connection.consume(before - bytes.size());
  if (decoder_.refused()) return refusal_of(decoder_.refusal());
  return std::nullopt;
}

/// Sets the deadline by which the client must have sent more, and reads on.
void ClientBody::wait_for_more() {
  const Timeouts& timeouts = client_.worker().config.timeouts;
  WaitPoint& wait_point = client_.wait_point();
  if (timeouts.body_bytes_per_second_min == 0) {
    wait_point.clear_deadline();
  } else {
    const std::uint64_t seconds = decoder_.payload_bytes() / timeouts.body_bytes_per_second_min;
    const auto earned = std::chrono::seconds(static_cast<std::int64_t>(seconds));
    wait_point.set_deadline(begun_ +
                            std::max<MonotonicTime::duration>(timeouts.body_grace, earned));
  }
  Connection& connection = client_.connection();
  const bool much = chunked() || decoder_.payload_expected() > Connection::SmallBytes;
  if (much && !connection.reading()) connection.make_room(ReadBuffer::Bytes);
  connection.arm();
}

Task<std::optional<Refusal>> ClientBody::more() {
  WaitPoint& wait_point = client_.wait_point();
  if (client_.connection().ended()) co_return client_gone();
  wait_for_more();
  co_await wait_point.wait();
  if (wait_point.interrupted() == Interrupt::Shutdown) {
    co_return Refusal{503, "gateway_shutdown", "the gateway is shutting down"};
  }
  if (wait_point.interrupted() != Interrupt::None) co_return client_gone();
  if (wait_point.expired()) co_return refusal_of(http1::BodyTooSlow);
  co_return std::nullopt;
}

RequestRest::Next ClientBody::fail(Refusal why) {
  refusal_ = std::move(why);
  return Next::Failed;
}

RequestRest::Next ClientBody::next(BufferSequence& piece) {
  Connection& connection = client_.connection();
  const Worker& worker = client_.worker();
  kept_.release();  // it has been sent, and this request is not sent a second time
  if (passed_on_ > 0) {
    begun_ += worker.now - passed_on_at_;
    connection.consume(std::exchange(passed_on_, 0));
  }
  std::string_view bytes = connection.unread();
  const std::size_t before = bytes.size();
  std::string_view payload;
  while (!bytes.empty() && decoder_.reading() && payload.empty()) payload = decoder_.next(bytes);
  if (decoder_.refused()) return fail(refusal_of(decoder_.refusal()));
  passed_on_ = before - bytes.size();
  passed_on_at_ = worker.now;
  if (!payload.empty()) {
    if (chunked()) piece.add(line_.emplace(payload.size()).text());
    piece.add(payload);
    if (chunked()) piece.add(http1::ChunkEnd);
  }
  if (whole()) {
    if (chunked()) piece.add(http1::LastChunk);
    connection.consume(std::exchange(passed_on_, 0));  // its bytes stay until it reads again
    return Next::Last;
  }
  if (!payload.empty()) return Next::Some;
  connection.consume(std::exchange(passed_on_, 0));
  if (connection.ended()) return fail(client_gone());
  if (client_.wait_point().expired()) return fail(refusal_of(http1::BodyTooSlow));
  wait_for_more();
  return Next::Later;
}

}  // namespace vdm::proxy
