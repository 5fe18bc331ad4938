#include "proxy-service/completion/body_reader.h"

#include <algorithm>

#include "proxy-service/http1/body.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view Continue = "HTTP/1.1 100 Continue\r\n\r\n";

Refusal client_gone() { return {499, "client_gone", "the client closed the connection"}; }

}  // namespace

Refusal BodyReader::no_memory() const {
  return {503, "overloaded", "too many large requests at once; try again shortly"};
}

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
  begun_ = client_.worker().now;
  if (request_.expect_continue && client_.connection().unread().empty()) {
    BufferSequence buffers;
    buffers.add(Continue);
    if (!client_.send_now(buffers)) co_return client_gone();
  }
  if (request_.chunked) co_return co_await read_chunks();
  co_return co_await read_length(static_cast<std::size_t>(request_.content_length.value_or(0)));
}

/// Waits for more bytes; refuses the request when the client sends them too slowly.
Task<std::optional<Refusal>> BodyReader::more() {
  const Timeouts& timeouts = client_.worker().config.timeouts;
  WaitPoint& wait_point = client_.wait_point();
  if (timeouts.body_bytes_per_second_min == 0) {
    wait_point.clear_deadline();
  } else {
    const auto earned = std::chrono::seconds(body_.size() / timeouts.body_bytes_per_second_min);
    wait_point.set_deadline(begun_ +
                            std::max<MonotonicTime::duration>(timeouts.body_grace, earned));
  }
  client_.connection().arm();
  co_await wait_point.wait();
  if (wait_point.interrupted() == Interrupt::Shutdown) {
    co_return Refusal{503, "gateway_shutdown", "the gateway is shutting down"};
  }
  if (wait_point.interrupted() != Interrupt::None) co_return client_gone();
  if (wait_point.expired()) co_return refusal_of(http1::BodyTooSlow);
  co_return std::nullopt;
}

Task<std::optional<Refusal>> BodyReader::read_length(std::size_t length) {
  Connection& connection = client_.connection();
  for (;;) {
    const std::string_view bytes = connection.unread().substr(0, length - body_.size());
    if (!body_.append(bytes, length)) co_return no_memory();
    connection.consume(bytes.size());
    // The client's read buffer was full, so more is waiting: read it straight into the body.
    while (connection.last_read_filled() && connection.unread().empty() && body_.size() < length) {
      if (body_.room() == 0 && !body_.grow(length)) co_return no_memory();
      const std::size_t wanted = std::min(body_.room(), length - body_.size());
      const std::size_t got = connection.read_more(body_.tail(), wanted);
      body_.grew(got);
      if (got < wanted) break;
    }
    if (body_.size() == length) co_return std::nullopt;
    if (connection.ended()) co_return client_gone();
    auto refusal = co_await more();
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
      if (!body_.append(payload, body_max)) co_return no_memory();
    }
    connection.consume(before - bytes.size());
    if (decoder.refused()) co_return refusal_of(decoder.refusal());
    if (decoder.done()) co_return std::nullopt;
    auto refusal = co_await more();
    if (refusal) co_return refusal;
  }
}

}  // namespace vdm::proxy
