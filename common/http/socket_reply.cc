#include "common/http/socket_reply.h"

#include <array>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_suffix.hpp>

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/http1/head_writer.h"

namespace vdm::http {
namespace {

constexpr auto as_values = net::as_tuple(net::use_awaitable);
const Error Gone{ErrorKind::ClientGone, "the client has gone or does not read"};

net::const_buffer buffer_of(std::string_view text) { return net::buffer(text.data(), text.size()); }

/// Neither may have a body, nor a length that promises one.
bool bodiless(int status) { return status == 204 || status == 304; }

std::string http_date() {
  const auto now = absl::FromChrono(SystemClock().wall());
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
}

}  // namespace

SocketReply::SocketReply(Server& server, net::ip::tcp::socket& socket, Deadline& deadline,
                         ReplyForm form)
    : server_(server), socket_(socket), deadline_(deadline), form_(form) {}

SocketReply::~SocketReply() { leave_streams(); }

void SocketReply::leave_streams() {
  if (std::exchange(counted_, false)) --server_.open_streams_;
}

/// `framing` is a complete field line, or empty.
std::optional<std::string> SocketReply::head_text(const ReplyHead& head,
                                                  std::string_view framing) const {
  std::string text;
  text.reserve(512);
  http1::HeadWriter writer(text);
  writer.status_line(head.status);
  writer.field("Date", http_date());
  if (!head.content_type.empty()) writer.field("Content-Type", head.content_type);
  for (const Header& header : server_.options().common_headers) {
    writer.named_field(header.name, header.value);
  }
  for (const Header& header : head.headers) writer.named_field(header.name, header.value);
  if (!form_.keep_alive || server_.draining()) writer.field("Connection", "close");
  if (!writer.ok()) return std::nullopt;
  text += framing;
  writer.end();
  return text;
}

/// Most answers fit into the kernel's buffer: they cost one call and no wait.
template <class Buffers>
Awaitable<bool> SocketReply::put(Buffers buffers) {
  boost::beast::buffers_suffix<Buffers> rest(buffers);
  boost::system::error_code error;
  rest.consume(socket_.write_some(rest, error));
  if (error && error != net::error::would_block) co_return false;

  while (net::buffer_size(rest) > 0) {
    deadline_.arm(server_.options().write_time);
    const auto [failed, taken] = co_await socket_.async_write_some(rest, as_values);
    deadline_.disarm();
    if (failed) co_return false;
    rest.consume(taken);
  }
  co_return true;
}

Awaitable<Result<void>> SocketReply::send(const ReplyHead& head, std::string_view body) {
  if (state_ != State::Nothing) co_return broken();
  const std::string length =
      bodiless(head.status) ? std::string() : absl::StrCat("Content-Length: ", body.size(), "\r\n");
  const auto text = head_text(head, length);
  if (!text) co_return co_await refuse_header();

  state_ = State::Broken;  // until all of it is out
  const bool with_body = !form_.head_only && !bodiless(head.status);
  const std::array<net::const_buffer, 2> parts{buffer_of(*text),
                                               buffer_of(with_body ? body : std::string_view())};
  const bool sent = co_await put(parts);
  if (!sent) co_return Gone;
  state_ = State::Complete;
  co_return Result<void>();
}

Awaitable<Result<void>> SocketReply::begin(const ReplyHead& head, StreamKind kind) {
  if (state_ != State::Nothing) co_return broken();
  if (client_gone_) co_return broken();
  if (!form_.chunks) form_.keep_alive = false;  // HTTP/1.0: the end of the stream is its end
  const auto text =
      head_text(head, form_.chunks ? "Transfer-Encoding: chunked\r\n" : std::string_view());
  if (!text) co_return co_await refuse_header();

  // What the kernel holds for a reader that does not read is bounded.
  boost::system::error_code ignored;
  socket_.set_option(net::socket_base::send_buffer_size(server_.options().stream_send_buffer),
                     ignored);
  state_ = State::Streaming;
  kind_ = kind;
  counted_ = true;
  ++server_.open_streams_;
  const std::array<net::const_buffer, 1> parts{buffer_of(*text)};
  const bool sent = co_await put(parts);
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
  const http1::ChunkLine line(bytes.size());
  const std::array<net::const_buffer, 3> parts{
      buffer_of(form_.chunks ? line.text() : std::string_view()), buffer_of(bytes),
      buffer_of(form_.chunks ? http1::ChunkEnd : std::string_view())};
  const bool sent = co_await put(parts);
  if (!sent) co_return broken();
  co_return Result<void>();
}

Awaitable<Result<void>> SocketReply::end() {
  if (state_ == State::Complete) co_return Result<void>();
  if (state_ != State::Streaming) co_return broken();
  const std::array<net::const_buffer, 1> parts{
      buffer_of(form_.chunks ? http1::LastChunk : std::string_view())};
  const bool sent = co_await put(parts);
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

/// A header that cannot be written is a fault of ours, and never half an answer.
Awaitable<Result<void>> SocketReply::refuse_header() {
  log::error("an answer's header holds a byte that may not stand there");
  form_.keep_alive = false;
  const std::string text =
      "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  state_ = State::Broken;
  const std::array<net::const_buffer, 1> parts{buffer_of(text)};
  const bool sent = co_await put(parts);
  if (sent) state_ = State::Complete;
  co_return Error{ErrorKind::Internal, "an answer's header holds a byte that may not stand there"};
}

}  // namespace vdm::http
