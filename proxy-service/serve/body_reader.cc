#include "proxy-service/serve/body_reader.h"

#include <algorithm>

#include "common/http1/body.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view Continue = "HTTP/1.1 100 Continue\r\n\r\n";

Failure client_gone() { return {499, "client_gone", "the client closed the connection"}; }

}  // namespace

Failure BodyReader::no_memory() const {
  return {503, "overloaded", "too many large requests at once; try again shortly"};
}

bool BodyReader::read_now() {
  Wire& wire = client_.wire();
  if (call_.chunked || call_.content_length.value_or(0) > wire.unread().size()) return false;
  const auto length = static_cast<std::size_t>(call_.content_length.value_or(0));
  if (!body_.append(wire.unread().substr(0, length), length)) return false;
  wire.consume(length);
  return true;
}

Task<std::optional<Failure>> BodyReader::read() {
  const std::size_t body_max = client_.lane().config.limits.body_bytes_max;
  if (call_.content_length && *call_.content_length > body_max) {
    co_return failure_of(http1::BodyTooLarge);
  }
  begun_ = client_.lane().now;
  if (call_.expect_continue && client_.wire().unread().empty()) {
    Pieces pieces;
    pieces.add(Continue);
    if (!client_.send_now(pieces)) co_return client_gone();
  }
  if (call_.chunked) co_return co_await read_chunks();
  co_return co_await read_length(static_cast<std::size_t>(call_.content_length.value_or(0)));
}

/// Waits for bytes, for as long as they come fast enough.
Task<std::optional<Failure>> BodyReader::more() {
  const Timeouts& timeouts = client_.lane().config.timeouts;
  Waiting& waiting = client_.waiting();
  if (timeouts.body_bytes_per_second_min == 0) {
    waiting.clear_deadline();
  } else {
    const auto earned = std::chrono::seconds(body_.size() / timeouts.body_bytes_per_second_min);
    waiting.set_deadline(begun_ + std::max<MonotonicTime::duration>(timeouts.body_grace, earned));
  }
  client_.wire().arm();
  co_await waiting.wait();
  if (waiting.interrupted() == Interrupt::Shutdown) {
    co_return Failure{503, "gateway_shutdown", "the gateway is shutting down"};
  }
  if (waiting.interrupted() != Interrupt::None) co_return client_gone();
  if (waiting.expired()) co_return failure_of(http1::BodyTooSlow);
  co_return std::nullopt;
}

Task<std::optional<Failure>> BodyReader::read_length(std::size_t length) {
  Wire& wire = client_.wire();
  for (;;) {
    const std::string_view bytes = wire.unread().substr(0, length - body_.size());
    if (!body_.append(bytes, length)) co_return no_memory();
    wire.consume(bytes.size());
    // The small buffer was filled: the rest is read straight to where it belongs.
    while (wire.last_read_filled() && wire.unread().empty() && body_.size() < length) {
      if (body_.room() == 0 && !body_.grow(length)) co_return no_memory();
      const std::size_t wanted = std::min(body_.room(), length - body_.size());
      const std::size_t got = wire.read_more(body_.tail(), wanted);
      body_.grew(got);
      if (got < wanted) break;
    }
    if (body_.size() == length) co_return std::nullopt;
    if (wire.ended()) co_return client_gone();
    auto failure = co_await more();
    if (failure) co_return failure;
  }
}

Task<std::optional<Failure>> BodyReader::read_chunks() {
  Wire& wire = client_.wire();
  const std::size_t body_max = client_.lane().config.limits.body_bytes_max;
  auto decoder = http1::BodyDecoder::chunked(body_max);
  for (;;) {
    std::string_view bytes = wire.unread();
    const std::size_t before = bytes.size();
    while (!bytes.empty() && decoder.reading()) {
      const std::string_view payload = decoder.next(bytes);
      if (!body_.append(payload, body_max)) co_return no_memory();
    }
    wire.consume(before - bytes.size());
    if (decoder.refused()) co_return failure_of(decoder.refusal());
    if (decoder.done()) co_return std::nullopt;
    auto failure = co_await more();
    if (failure) co_return failure;
  }
}

}  // namespace vdm::proxy
