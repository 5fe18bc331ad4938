#include "common/http/socket_reply.h"

#include <span>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_range.hpp>

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

/// The serializer reads `bytes` in place, so a text that goes to many readers is not copied.
void SocketReply::set_piece(std::string_view bytes, bool more) {
  auto& piece = message_.body();
  piece.data = bytes.empty() ? nullptr : const_cast<char*>(bytes.data());  // only read
  piece.size = bytes.size();
  piece.more = more;
}

/// Sends the current buffers. Most answers fit into the kernel's buffer, so they cost one call and
/// no wait.
Awaitable<bool> SocketReply::put() {
  for (bool at_once = true; gather(); at_once = false) {
    const std::span<const net::const_buffer> parts(parts_);
    error_code error;
    std::size_t taken = 0;
    if (at_once) taken = stream_.socket().write_some(parts, error);
    if (!at_once || error == net::error::would_block) {
      stream_.expires_after(server_.options().write_time);
      const auto [failed, waited] = co_await stream_.async_write_some(parts, as_values);
      error = failed;
      taken = waited;
    }
    if (error) co_return false;
    serializer_->consume(taken);
  }
  co_return true;
}

/// Lists in `parts_` the unsent buffers of the head and the current piece; false when there are
/// none. The call to next() also makes the serializer notice that the piece is used up. The
/// serializer has a buffer type for each of its states; copying them into one vector avoids
/// compiling the socket's write for each type.
bool SocketReply::gather() {
  parts_.clear();
  if (serializer_->is_done()) return false;
  error_code error;
  serializer_->next(error, [this](error_code&, const auto& buffers) {
    for (const net::const_buffer part : beast::buffers_range_ref(buffers)) {
      if (part.size() > 0) parts_.push_back(part);
    }
  });
  return !parts_.empty();
}

Awaitable<Result<void>> SocketReply::send(const ReplyHead& head, std::string_view body) {
  if (state_ != State::Nothing) co_return broken();
  if (!set_head(head)) co_return co_await refuse_header();

  if (!bodiless(head.status)) message_.content_length(body.size());
  const bool with_body = !form_.head_only && !bodiless(head.status);
  set_piece(with_body ? body : std::string_view(), false);
  serializer_.emplace(message_);
  state_ = State::Broken;  // until put() has sent the whole answer
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
  set_piece({}, true);
  serializer_.emplace(message_);
  serializer_->split(true);  // sends the head before the first piece
  const bool sent = co_await put();
  if (!sent) co_return broken();
  if (form_.head_only) {
    leave_streams();
    state_ = State::Complete;
  }
  co_return Result<void>();
}

Awaitable<Result<void>> SocketReply::write(std::string_view bytes) {
  if (state_ != State::Streaming) co_return state_ == State::Complete ? Gone : broken();
  if (bytes.empty()) co_return Result<void>();
  set_piece(bytes, true);
  const bool sent = co_await put();
  if (!sent) co_return broken();
  co_return Result<void>();
}

Awaitable<Result<void>> SocketReply::end() {
  if (state_ == State::Complete) co_return Result<void>();
  if (state_ != State::Streaming) co_return broken();
  set_piece({}, false);
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
  set_piece({}, false);
  serializer_.emplace(message_);
  state_ = State::Broken;
  const bool sent = co_await put();
  if (sent) state_ = State::Complete;
  co_return Error{ErrorKind::Internal, "an answer's header holds a byte that may not stand there"};
}

}  // namespace vdm::http
