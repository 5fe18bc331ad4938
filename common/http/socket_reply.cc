#include "common/http/socket_reply.h"

#include <array>
#include <charconv>
#include <span>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/buffers_suffix.hpp>

#include <absl/time/time.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/http1/field_name.h"
#include "common/http1/reason_phrase.h"

namespace vdm::http {
namespace {

using boost::system::error_code;
namespace beast = boost::beast;
const Error Gone{ErrorKind::ClientGone, "the client has gone or does not read"};

constexpr std::string_view LineEnd = "\r\n";
constexpr std::string_view LastChunk = "0\r\n\r\n";

net::const_buffer buffer_of(std::string_view text) { return net::buffer(text.data(), text.size()); }
beast::string_view view_of(std::string_view text) { return {text.data(), text.size()}; }

/// An answer with one of these statuses has neither a body nor a Content-Length.
bool bodiless(int status) { return status == 204 || status == 304; }

std::string http_date() {
  const auto now = absl::FromChrono(SystemClock().wall());
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
}

}  // namespace

SocketReply::SocketReply(Server& server, beast::tcp_stream& stream, ReplyForm form)
    : server_(server), stream_(stream), form_(form) {}

SocketReply::~SocketReply() { leave_streams(); }

void SocketReply::leave_streams() {
  if (std::exchange(counted_, false)) --server_.open_streams_;
}

// Beast does not check names and values, and would write their line ends too, so this checks each
// one.
bool SocketReply::set_head(const ReplyHead& head) {
  if (head.status < 100 || head.status > 599) return false;
  message_ = decltype(message_)();
  message_.version(11);
  message_.result(static_cast<unsigned>(head.status));
  message_.reason(view_of(http1::reason_phrase(head.status)));

  bool writable = true;
  const auto insert = [&](std::string_view name, std::string_view value) {
    if (http1::is_token(name) && http1::is_field_value(value)) {
      message_.insert(view_of(name), view_of(value));
    } else {
      writable = false;
    }
  };
  insert("Date", http_date());
  if (!head.content_type.empty()) insert("Content-Type", head.content_type);
  for (const Header& header : server_.options().common_headers) insert(header.name, header.value);
  for (const Header& header : head.headers) insert(header.name, header.value);
  if (!form_.keep_alive || server_.draining()) insert("Connection", "close");
  return writable;
}

/// Lists the bytes of the head. The serializer has a buffer type for each of its states, and the
/// socket would be compiled for every one: it is given the list.
void SocketReply::list_head() {
  serializer_.emplace(message_);
  parts_.clear();
  error_code error;
  serializer_->next(error, [this](error_code&, const auto& buffers) {
    for (const net::const_buffer part : beast::buffers_range_ref(buffers)) parts_.push_back(part);
  });
}

/// Sends the current buffers. Most answers fit into the kernel's buffer, so they cost one call and
/// no wait.
Awaitable<bool> SocketReply::put() {
  beast::buffers_suffix<std::span<const net::const_buffer>> rest{std::span(std::as_const(parts_))};
  error_code error;
  rest.consume(stream_.socket().write_some(rest, error));
  if (error && error != net::error::would_block) co_return false;

  while (net::buffer_size(rest) > 0) {
    stream_.expires_after(server_.options().write_time);
    const auto [failed, taken] = co_await stream_.async_write_some(rest, as_values);
    if (failed) co_return false;
    rest.consume(taken);
  }
  co_return true;
}

Awaitable<Result<void>> SocketReply::send(const ReplyHead& head, std::string_view body) {
  if (state_ != State::Nothing) co_return broken();
  if (!set_head(head)) co_return co_await refuse_header();

  if (!bodiless(head.status)) message_.content_length(body.size());
  list_head();
  if (!form_.head_only && !bodiless(head.status)) parts_.push_back(buffer_of(body));
  state_ = State::Broken;  // until all of it is out
  const bool sent = co_await put();
  if (!sent) co_return Gone;
  state_ = State::Complete;
  co_return Result<void>();
}

Awaitable<Result<void>> SocketReply::begin(const ReplyHead& head, StreamKind kind) {
  if (state_ != State::Nothing) co_return broken();
  if (client_gone_) co_return broken();
  if (!form_.chunks) form_.keep_alive = false;  // in HTTP/1.0 closing ends the stream
  if (!set_head(head)) co_return co_await refuse_header();

  // This bounds what the kernel buffers for a client that does not read.
  error_code ignored;
  stream_.socket().set_option(
      net::socket_base::send_buffer_size(server_.options().stream_send_buffer), ignored);
  state_ = State::Streaming;
  kind_ = kind;
  counted_ = true;
  ++server_.open_streams_;
  if (form_.chunks) message_.chunked(true);
  list_head();
  const bool sent = co_await put();
  if (!sent) co_return broken();
  if (form_.head_only) {
    leave_streams();
    state_ = State::Complete;
  }
  co_return Result<void>();
}

/// The bytes are written from where they lie: a text that many readers are sent is not copied.
/// Beast's make_chunk would allocate for each of them, and its serializer costs half as much
/// again as the write.
Awaitable<Result<void>> SocketReply::write(std::string_view bytes) {
  if (state_ != State::Streaming) co_return state_ == State::Complete ? Gone : broken();
  if (bytes.empty()) co_return Result<void>();
  std::array<char, 16> size;  // sixteen digits hold every 64-bit value
  const char* size_end = std::to_chars(size.data(), size.data() + 16, bytes.size(), 16).ptr;
  parts_.assign({buffer_of(bytes)});
  if (form_.chunks) {
    const std::string_view digits(size.data(), static_cast<std::size_t>(size_end - size.data()));
    parts_.assign({buffer_of(digits), buffer_of(LineEnd), buffer_of(bytes), buffer_of(LineEnd)});
  }
  const bool sent = co_await put();
  if (!sent) co_return broken();
  co_return Result<void>();
}

Awaitable<Result<void>> SocketReply::end() {
  if (state_ == State::Complete) co_return Result<void>();
  if (state_ != State::Streaming) co_return broken();
  parts_.clear();
  if (form_.chunks) parts_.push_back(buffer_of(LastChunk));
  const bool sent = co_await put();
  if (!sent) co_return broken();
  leave_streams();
  state_ = State::Complete;
  co_return Result<void>();
}

Error SocketReply::broken() {
  leave_streams();
  state_ = State::Broken;
  return Gone;
}

/// A header that cannot be written is a mistake in this program: the client gets a 500, and no part
/// of the intended answer.
Awaitable<Result<void>> SocketReply::refuse_header() {
  log::error("an answer's header holds a byte that may not stand there");
  form_.keep_alive = false;
  message_ = decltype(message_)();
  message_.version(11);
  message_.result(beast::http::status::internal_server_error);
  message_.keep_alive(false);
  message_.content_length(0);
  list_head();
  state_ = State::Broken;
  const bool sent = co_await put();
  if (sent) state_ = State::Complete;
  co_return Error{ErrorKind::Internal, "an answer's header holds a byte that may not stand there"};
}

}  // namespace vdm::http
