#include "common/http/session.h"

#include <algorithm>
#include <array>
#include <exception>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <absl/strings/ascii.h>

#include "common/base/log.h"
#include "common/http1/body.h"

namespace vdm::http {
namespace {

using boost::system::error_code;
using net::experimental::awaitable_operators::operator||;
constexpr auto as_values = net::as_tuple(net::use_awaitable);
constexpr std::size_t DiscardMax = 64 * 1024;
constexpr std::chrono::milliseconds DiscardTime{1000};
constexpr std::size_t ReadSize = 8 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  absl::AsciiStrToLower(&out);
  return out;
}

/// Half-closes, then reads and drops what still comes for a moment: closing with
/// bytes unread would reset the connection and take the answer with it.
Awaitable<void> linger(net::ip::tcp::socket& socket, Deadline& deadline) {
  error_code ignored;
  socket.shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  deadline.arm(DiscardTime);
  std::array<char, 4096> dropped;
  const auto space = net::buffer(dropped);
  for (std::size_t total = 0; total < DiscardMax;) {
    const auto [error, size] = co_await socket.async_read_some(space, as_values);
    if (error) break;
    total += size;
  }
  deadline.disarm();
}

}  // namespace

Session::Session(Server& server, net::ip::tcp::socket socket)
    : server_(server),
      socket_(std::move(socket)),
      deadline_(socket_),
      hold_(socket_.get_executor(), net::steady_timer::time_point::max()),
      entry_(server_.sessions_.insert(server_.sessions_.end(), this)) {
  error_code error;
  socket_.non_blocking(true, error);
  const auto peer = socket_.remote_endpoint(error);
  if (!error) peer_ = peer.address().to_string() + ":" + std::to_string(peer.port());
}

Session::~Session() {
  server_.sessions_.erase(entry_);
  if (server_.sessions_.empty() && server_.grace_) server_.grace_->cancel();
}

void Session::drain() {
  const bool ends = phase_ == Phase::Idle || (reply_ && reply_->endless());
  if (ends) end_now();
}

void Session::end_now() {
  ending_ = true;
  error_code ignored;
  socket_.cancel(ignored);
  hold_.cancel();
}

std::string_view Session::received() const {
  const auto data = buffer_.cdata();
  return {static_cast<const char*>(data.data()), data.size()};
}

Session::Got Session::refused(const http1::Refusal& refusal) {
  refusal_ = refusal;
  return Got::Refused;
}

Awaitable<void> Session::run() {
  for (bool again = true; again && !ending_;) again = co_await serve_one();
}

/// False when the connection is over.
Awaitable<bool> Session::serve_one() {
  const Got head = co_await read_head();
  if (head == Got::Closed) co_return false;
  if (head == Got::Refused) {
    const ReplyForm last{.head_only = false, .chunks = false, .keep_alive = false};
    co_return co_await refuse(error_reply(refusal_.status, "invalid_request", refusal_.reason),
                              last);
  }
  ++server_.requests_;

  const bool unread = head_.has_body();
  ReplyForm form{.head_only = head_.method() == http1::Method::Head,
                 .chunks = head_.minor_version() == 1,
                 .keep_alive = head_.keep_alive() && !unread};
  Request request = request_from_head();
  auto query = parse_query(head_.query(), server_.options().query_parameters_max);
  if (!query) co_return co_await refuse(error_reply(query.error()), form);
  request.query = std::move(*query);

  const ServerOptions& options = server_.options();
  if (options.host_allowed && !options.host_allowed(request.host)) {
    co_return co_await refuse(
        error_reply(421, "misdirected_request", "Host: this name is not served here"), form);
  }
  if (options.gate) {
    auto refusal = options.gate(request);
    if (refusal) co_return co_await refuse(std::move(*refusal), form);
  }
  auto match = server_.router().find(request.method, request.path);
  if (!match.handler) co_return co_await refuse(no_route(match.allow), form);
  request.segments = std::move(match.segments);

  const Got body = co_await read_body(request);
  if (body == Got::Closed) co_return false;
  if (body == Got::Refused) {
    form.keep_alive = false;
    co_return co_await refuse(error_reply(refusal_.status, "invalid_request", refusal_.reason),
                              form);
  }
  form.keep_alive = head_.keep_alive();
  co_return co_await run_handler(*match.handler, request, form);
}

Reply Session::no_route(const std::string& allow) {
  if (allow.empty()) return error_reply(404, "not_found", "no such path");
  Reply reply = error_reply(405, "method_not_allowed", "expected one of " + allow);
  reply.head.headers.push_back({"Allow", allow});
  return reply;
}

Awaitable<Session::Got> Session::read_head() {
  head_.clear();
  phase_ = buffer_.size() == 0 ? Phase::Idle : Phase::Reading;
  const ServerOptions& options = server_.options();
  deadline_.arm(phase_ == Phase::Idle ? options.idle_time : options.header_time);
  for (;;) {
    switch (head_.read(received())) {
      case http1::Progress::Complete:
        deadline_.disarm();
        co_return Got::All;
      case http1::Progress::Refused:
        deadline_.disarm();
        co_return refused(head_.refusal());
      case http1::Progress::NeedMore:
        break;
    }
    if (phase_ == Phase::Idle && server_.draining()) co_return Got::Closed;

    const bool more = co_await read_some();
    if (!more) {
      const bool slow = deadline_.expired() && phase_ == Phase::Reading;
      co_return slow ? refused(http1::HeadTooSlow) : Got::Closed;
    }
    if (phase_ == Phase::Idle) {
      phase_ = Phase::Reading;
      deadline_.arm(options.header_time);
    }
  }
}

Request Session::request_from_head() const {
  Request request;
  request.method = http1::text_of(head_.method());
  request.target = head_.target();
  request.path = head_.path();
  request.host = lower(head_.host_name());
  request.peer = peer_;
  request.headers.reserve(head_.fields().size());
  for (const http1::Field field : head_.fields()) {
    request.headers.push_back({std::string(field.name), std::string(field.value)});
  }
  return request;
}

Awaitable<Session::Got> Session::read_body(Request& request) {
  auto decoder = http1::BodyDecoder::of(head_, server_.options().body_bytes_max);
  const bool asks_first = head_.expect_continue();
  buffer_.consume(head_.bytes());
  if (decoder.refused()) co_return refused(decoder.refusal());
  if (asks_first && decoder.reading() && buffer_.size() == 0) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto bytes = net::buffer(go_on.data(), go_on.size());
    deadline_.arm(server_.options().write_time);
    const auto [error, size] = co_await net::async_write(socket_, bytes, as_values);
    if (error) co_return Got::Closed;
  }

  deadline_.arm(server_.options().body_time);
  while (decoder.reading()) {
    std::string_view bytes = received();
    const std::size_t before = bytes.size();
    while (!bytes.empty() && decoder.reading()) request.body += decoder.next(bytes);
    buffer_.consume(before - bytes.size());
    if (!decoder.reading()) break;

    const bool more = co_await read_some();
    if (!more) {
      co_return deadline_.expired() ? refused(http1::BodyTooSlow) : Got::Closed;
    }
  }
  deadline_.disarm();
  co_return decoder.refused() ? refused(decoder.refusal()) : Got::All;
}

/// False when there is no more: closed, cancelled or too late.
Awaitable<bool> Session::read_some() {
  const auto space = buffer_.prepare(std::min(ReadSize, BufferMax - buffer_.size()));
  const auto [error, size] = co_await socket_.async_read_some(space, as_values);
  if (error) co_return false;
  buffer_.commit(size);
  co_return true;
}

Awaitable<bool> Session::run_handler(const Handler& handler, const Request& request,
                                     ReplyForm form) {
  phase_ = Phase::Answering;
  SocketReply reply(server_, socket_, deadline_, form);
  reply_ = &reply;
  co_await (call(handler, request, reply) || watch_client(reply));
  reply_ = nullptr;

  if (reply.reusable() && !server_.draining() && !ending_) co_return true;
  phase_ = Phase::Closing;
  if (reply.complete()) co_await linger(socket_, deadline_);
  co_return false;
}

Awaitable<void> Session::call(const Handler& handler, const Request& request, SocketReply& reply) {
  std::string fault;
  try {
    co_await handler(request, reply);
  } catch (const boost::system::system_error& error) {
    if (error.code() == net::error::operation_aborted) co_return;
    fault = error.what();
  } catch (const std::exception& error) {
    fault = error.what();
  }

  const auto cancelled = (co_await net::this_coro::cancellation_state).cancelled();
  if (cancelled != net::cancellation_type::none) co_return;
  if (fault.empty() && !reply.head_sent()) fault = "the handler gave no answer";
  if (fault.empty()) co_return;
  log::error("a handler failed", {{"path", request.path}, {"error", fault}});
  if (!reply.head_sent()) co_await reply.refuse(500, "internal", "something went wrong here");
}

/// Ends when there is nobody to answer any more, which ends the handler. What the
/// client sends meanwhile is the next request, and kept. A client that only closed
/// its sending side may still read a whole answer, so that alone ends a stream only.
Awaitable<void> Session::watch_client(SocketReply& reply) {
  error_code error;
  while (!ending_ && !error && buffer_.size() < BufferMax) {
    const auto space = buffer_.prepare(std::min(ReadSize, BufferMax - buffer_.size()));
    const auto [failed, size] = co_await socket_.async_read_some(space, as_values);
    error = failed;
    if (!error) buffer_.commit(size);
  }
  if (error == net::error::eof) {
    reply.note_client_gone();
    if (reply.streaming()) co_return;
    error.clear();
  }
  if (!ending_ && !error) co_await hold_.async_wait(as_values);
}

/// Answers in place of a handler. True when the connection may go on.
Awaitable<bool> Session::refuse(Reply answer, ReplyForm form) {
  phase_ = Phase::Answering;
  SocketReply reply(server_, socket_, deadline_, form);
  const auto sent = co_await reply.send(answer.head, answer.body);
  buffer_.consume(head_.bytes());
  if (sent && reply.reusable() && !server_.draining()) co_return true;
  phase_ = Phase::Closing;
  if (sent) co_await linger(socket_, deadline_);
  co_return false;
}

Awaitable<void> turn_away(net::ip::tcp::socket socket, std::size_t& turned_away) {
  struct Count {
    std::size_t& count;
    ~Count() { --count; }
  } counted{turned_away};
  constexpr std::string_view text =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\n"
      "Connection: close\r\n\r\n";
  Deadline deadline(socket);
  deadline.arm(DiscardTime);
  const auto bytes = net::buffer(text.data(), text.size());
  const auto [error, size] = co_await net::async_write(socket, bytes, as_values);
  if (!error) co_await linger(socket, deadline);
}

}  // namespace vdm::http
