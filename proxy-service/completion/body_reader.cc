#include "proxy-service/completion/body_reader.h"

#include <algorithm>

#include "proxy-service/http1/body.h"

namespace vdm::proxy {

bool BodyReader::read_now() {
  Connection& connection = client_.connection();
  const std::size_t now_max =
      std::min(connection.unread().size(), client_.worker().config.limits.body_bytes_max);
  if (request_.chunked || request_.content_length.value_or(0) > now_max) return false;
  const auto length = static_cast<std::size_t>(request_.content_length.value_or(0));
  if (!body_.append(connection.unread().substr(0, length), length)) return false;
  connection.consume(length);
  return true;
}

Task<std::optional<Refusal>> BodyReader::read() {
  const std::size_t body_max = client_.worker().config.limits.body_bytes_max;
  if (request_.content_length && *request_.content_length > body_max) {
    co_return refusal_of(http1::BodyTooLarge);
  }
  if (auto gone = wait_.begin(request_)) co_return gone;
  if (request_.chunked) co_return co_await read_chunks();
  co_return co_await read_length(static_cast<std::size_t>(request_.content_length.value_or(0)));
}

Task<std::optional<Refusal>> BodyReader::read_length(std::size_t length) {
  Connection& connection = client_.connection();
  for (;;) {
    const std::string_view bytes = connection.unread().substr(0, length - body_.size());
    if (!body_.append(bytes, length)) co_return no_room_for_body();
    connection.consume(bytes.size());
    // The client's read buffer was full, so more is waiting: read it straight into the body.
    while (connection.last_read_filled() && connection.unread().empty() && body_.size() < length) {
      if (body_.room() == 0 && !body_.grow(length)) co_return no_room_for_body();
      const std::size_t wanted = std::min(body_.room(), length - body_.size());
      const std::size_t got = connection.read_more(body_.tail(), wanted);
      body_.grew(got);
      if (got < wanted) break;
    }
    if (body_.size() == length) co_return std::nullopt;
    auto refusal = co_await wait_.more(body_.size());
    if (refusal) co_return refusal;
  }
}

Task<std::optional<Refusal>> BodyReader::read_chunks() {
  Connection& connection = client_.connection();
  const std::size_t body_max = client_.worker().config.limits.body_bytes_max;
  auto decoder = http1::BodyDecoder::chunked(body_max);
  for (;;) {
    std::string_view bytes = connection.unread();
    const std::size_t before = bytes.size();
    while (!bytes.empty() && decoder.reading()) {
      const std::string_view payload = decoder.next(bytes);
      if (!body_.append(payload, body_max)) co_return no_room_for_body();
    }
    connection.consume(before - bytes.size());
    if (decoder.refused()) co_return refusal_of(decoder.refusal());
    if (decoder.done()) co_return std::nullopt;
    auto refusal = co_await wait_.more(body_.size());
    if (refusal) co_return refusal;
  }
}

}  // namespace vdm::proxy
