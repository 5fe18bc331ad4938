#include "proxy-service/forward/client_body.h"

#include <algorithm>
#include <string>
#include <utility>

namespace vdm::proxy {

ClientBody::ClientBody(ClientConnection& client, const ClientRequest& request, BodyBuffer& kept)
    : client_(client), request_(request), kept_(kept), wait_(client) {
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
  if (decoder_.refused()) co_return refusal_of(decoder_.refusal());
  std::optional<Refusal> refusal;
  if (!whole()) refusal = wait_.begin(request_);
  for (;;) {
    if (!refusal) refusal = keep_what_came();
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
    make_room();
    refusal = co_await wait_.more(decoder_.payload_bytes());
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
    return no_room_for_body();
  }
  connection.consume(before - bytes.size());
  if (decoder_.refused()) return refusal_of(decoder_.refusal());
  return std::nullopt;
}

void ClientBody::make_room() {
  Connection& connection = client_.connection();
  const bool much = chunked() || decoder_.payload_expected() > Connection::SmallBytes;
  if (much && !connection.reading()) connection.make_room(ReadBuffer::Bytes);
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
    wait_.leave_out(worker.now - passed_on_at_);
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
  make_room();
  wait_.arm(decoder_.payload_bytes());
  return Next::Later;
}

}  // namespace vdm::proxy
