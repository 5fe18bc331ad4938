#include "common/http/session.h"

#include <algorithm>
#include <array>
#include <exception>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/http/request_parser.h"
#include "common/http/socket_reply.h"

namespace vdm::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using net::experimental::awaitable_operators::operator||;
constexpr std::size_t DiscardMax = 64 * 1024;
constexpr std::chrono::milliseconds DiscardTime{1000};
constexpr std::size_t ReadSize = 8 * 1024;
constexpr std::chrono::milliseconds ReservedTime{1000};
constexpr http1::MessageRefusal LengthRequired{411, "a request body needs a Content-Length"};
constexpr http1::MessageRefusal ReadInTwoWays{400, "the request head can be read in two ways"};

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Half-closes, then reads and drops what still comes for a moment: closing with
/// bytes unread would reset the connection and take the answer with it.
Awaitable<void> linger(beast::tcp_stream& stream) {
  error_code ignored;
  stream.socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  stream.expires_after(DiscardTime);
  std::array<char, 4096> dropped;
  const auto space = net::buffer(dropped);
  for (std::size_t total = 0; total < DiscardMax;) {
    const auto [error, size] = co_await stream.async_read_some(space, as_values);
    if (error) break;
    total += size;
  }
}

}  // namespace

Session::Session(Server& server, net::ip::tcp::socket socket, const IpAddress& peer, Seat seat)
    : server_(server),
      stream_(std::move(socket)),
      time_(stream_.get_executor()),
      hold_(stream_.get_executor(), net::steady_timer::time_point::max()),
      peer_(peer),
      seat_(seat),
      entry_(server_.sessions_.insert(server_.sessions_.end(), this)) {
  error_code error;
  stream_.socket().non_blocking(true, error);
}

Session::~Session() {
  server_.sessions_.erase(entry_);
  server_.peers_.give_back(peer_);
  if (server_.sessions_.empty() && server_.grace_) server_.grace_->cancel();
}

void Session::drain() {
  const bool ends = phase_ == Phase::Idle || (reply_ && reply_->endless());
  if (ends) end_now();
}

void Session::end_now() {
  ending_ = true;
  stream_.cancel();
  hold_.cancel();
}

std::string_view Session::received() const {
  const auto data = buffer_.cdata();
  return {static_cast<const char*>(data.data()), data.size()};
}

Awaitable<void> Session::run() {
  for (bool again = true; again && !ending_;) again = co_await serve_one();
}

/// Serves one request. False when the connection must close.
Awaitable<bool> Session::serve_one() {
  const ReadResult head = co_await read_head();
  if (head == ReadResult::Closed) co_return false;
  const bool accepted = head == ReadResult::Complete;
  ReplyForm form{.head_only = accepted && head_.method() == http1::Method::Head,
                 .chunks = accepted && head_.minor_version() == 1,
                 .keep_alive = accepted && may_stay() && !head_.has_body()};
  if (!accepted) co_return co_await refuse(refusal_, form);
  if (head_.chunked()) co_return co_await refuse(LengthRequired, form);

  RequestParser parser;
  parser.body_limit(server_.options().body_bytes_max);
  const Parsed parsed = parser.parse_head(head_, received().substr(0, head_.bytes()));
  if (parsed == Parsed::Otherwise) {
    form.keep_alive = false;
    co_return co_await refuse(ReadInTwoWays, form);
  }
  ++server_.requests_;

  Request request = request_from_head();
  auto query = parse_query(head_.query(), server_.options().query_parameters_max);
  buffer_.consume(head_.bytes());  // nothing below uses the head's views
  if (!query) co_return co_await refuse(error_reply(query.error()), form);
  request.query = std::move(*query);
  auto refusal = refusal_of(request);
  if (refusal) co_return co_await refuse(std::move(*refusal), form);
  auto match = server_.router().find(request.method, request.path);
  if (!match.handler) co_return co_await refuse(no_route(match.allow), form);
  request.segments = std::move(match.segments);

  if (parsed == Parsed::TooLarge) co_return co_await refuse(http1::BodyTooLarge, form);
  const ReadResult body = co_await read_body(parser);
  if (body == ReadResult::Closed) co_return false;
  if (body == ReadResult::Refused) co_return co_await refuse(refusal_, form);
  request.body = std::move(parser.get().body());
  form.keep_alive = may_stay();  // the session has read the whole request
  co_return co_await run_handler(*match.handler, request, form);
}

/// The answer to a request that may not be served, if so. The session asks for it before it finds
/// the route and reads the body.
std::optional<Reply> Session::refusal_of(const Request& request) const {
  const ServerOptions& options = server_.options();
  if (seat_ == Seat::Reserved && !contains(options.reserved_paths, request.path)) {
    Reply busy = error_reply(503, "overloaded", "too many connections; try again shortly");
    busy.head.headers.push_back({"Retry-After", "5"});
    return busy;
  }
  if (options.host_allowed && !options.host_allowed(request.host)) {
    return error_reply(421, "misdirected_request", "Host: this name is not served here");
  }
  return options.authenticate ? options.authenticate(request) : std::nullopt;
}

Reply Session::no_route(const std::string& allow) {
  if (allow.empty()) return error_reply(404, "not_found", "no such path");
  Reply reply = error_reply(405, "method_not_allowed", "expected one of " + allow);
  reply.head.headers.push_back({"Allow", allow});
  return reply;
}

Awaitable<Session::ReadResult> Session::read_head() {
  head_.clear();
  phase_ = buffer_.size() == 0 ? Phase::Idle : Phase::Reading;
  if (phase_ == Phase::Idle) {
    if (server_.draining()) co_return ReadResult::Closed;
    stream_.expires_after(silence_most());
    const bool more = co_await read_some();
    if (!more) co_return ReadResult::Closed;
    has_asked_ = true;
    phase_ = Phase::Reading;
  }

  if (head_.read(received()) == http1::Progress::NeedMore) {
    auto reading = read_rest_of_head();
    const bool reserved = seat_ == Seat::Reserved;
    const auto time = reserved ? ReservedTime : server_.options().header_time;
    const bool in_time = co_await within(time, std::move(reading));
    if (!in_time) co_return refused(http1::HeadTooSlow);
  }
  switch (head_.read(received())) {
    case http1::Progress::Complete:
      co_return ReadResult::Complete;
    case http1::Progress::Refused:
      co_return refused(head_.refusal());
    case http1::Progress::NeedMore:
      break;
  }
  co_return ReadResult::Closed;
}

/// How long a connection may say nothing before a request.
std::chrono::milliseconds Session::silence_most() const {
  if (seat_ == Seat::Reserved) return ReservedTime;
  return has_asked_ ? server_.options().idle_time : server_.options().first_byte_time;
}

/// Whether the client asks for another request after this one, and may have it.
bool Session::may_stay() const { return head_.keep_alive() && seat_ == Seat::Any; }

/// Reads until the guard accepts or refuses the head, or the connection ends.
Awaitable<void> Session::read_rest_of_head() {
  while (head_.read(received()) == http1::Progress::NeedMore) {
    const bool more = co_await read_some();
    if (!more) co_return;
  }
}

Session::ReadResult Session::refused(const http1::MessageRefusal& refusal) {
  refusal_ = refusal;
  return ReadResult::Refused;
}

/// Whether `reading` ended within `time`. The stream's own timeout would close the socket; this
/// timer leaves it open, so that the session can answer 408 to a client that is too slow.
Awaitable<bool> Session::within(std::chrono::milliseconds time, Awaitable<void> reading) {
  stream_.expires_never();
  time_.expires_after(time);
  const auto first = co_await (std::move(reading) || out_of_time());
  co_return first.index() == 0;
}

Awaitable<void> Session::out_of_time() { co_await time_.async_wait(as_values); }

Request Session::request_from_head() const {
  Request request;
  request.method = http1::text_of(head_.method());
  request.target = head_.target();
  request.path = head_.path();
  request.host = head_.host_name();
  request.host = lower(request.host);
  request.peer = peer_;
  request.headers.reserve(head_.fields().size());
  for (const http1::Field field : head_.fields()) {
    request.headers.push_back({std::string(field.name), std::string(field.value)});
  }
  return request;
}

Awaitable<Session::ReadResult> Session::read_body(RequestParser& parser) {
  if (parser.is_done()) co_return ReadResult::Complete;
  if (head_.expect_continue() && buffer_.size() == 0) {
    const bool said = co_await say_continue();
    if (!said) co_return ReadResult::Closed;
  }

  if (!parse_body(parser)) {
    auto reading = read_rest_of_body(parser);
    const bool in_time = co_await within(server_.options().body_time, std::move(reading));
    if (!in_time) co_return refused(http1::BodyTooSlow);
  }
  co_return parser.is_done() ? ReadResult::Complete : ReadResult::Closed;
}

/// Gives the parser the bytes received so far. True when the body is whole.
bool Session::parse_body(RequestParser& parser) {
  error_code error;  // a body with a length cannot be malformed
  if (buffer_.size() > 0) buffer_.consume(parser.put(buffer_.cdata(), error));
  return parser.is_done();
}

Awaitable<void> Session::read_rest_of_body(RequestParser& parser) {
  do {
    const bool more = co_await read_some();
    if (!more) co_return;
  } while (!parse_body(parser));
}

Awaitable<bool> Session::say_continue() {
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  const auto bytes = net::buffer(go_on.data(), go_on.size());
  stream_.expires_after(server_.options().write_time);
  const auto [error, size] = co_await net::async_write(stream_, bytes, as_values);
  co_return !error;
}

/// Reads more bytes. False when the connection is closed, cancelled or out of time.
Awaitable<bool> Session::read_some() {
  const auto space = buffer_.prepare(std::min(ReadSize, BufferMax - buffer_.size()));
  const auto [error, size] = co_await stream_.async_read_some(space, as_values);
  if (error) co_return false;
  buffer_.commit(size);
  co_return true;
}

Awaitable<bool> Session::run_handler(const Handler& handler, const Request& request,
                                     ReplyForm form) {
  phase_ = Phase::Answering;
  SocketReply reply(server_, stream_, form);
  reply_ = &reply;
  co_await (call(handler, request, reply) || watch_client(reply));
  reply_ = nullptr;

  if (reply.reusable() && !server_.draining() && !ending_) co_return true;
  phase_ = Phase::Closing;
  if (reply.complete()) co_await linger(stream_);
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

/// Returns when no client reads the answer any more; the caller then cancels the handler. Bytes
/// that come meanwhile belong to the next request, and stay in the buffer. A client that only
/// closed its sending side may still read a whole answer, so that ends the watch for a streamed
/// answer only.
Awaitable<void> Session::watch_client(SocketReply& reply) {
  error_code error;
  while (!ending_ && !error && buffer_.size() < BufferMax) {
    const auto space = buffer_.prepare(std::min(ReadSize, BufferMax - buffer_.size()));
    stream_.expires_never();  // for this read only; a pending write keeps its deadline
    const auto [failed, size] = co_await stream_.async_read_some(space, as_values);
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

/// Sends an answer in place of a handler. True when the connection can serve another request.
Awaitable<bool> Session::refuse(Reply answer, ReplyForm form) {
  phase_ = Phase::Answering;
  SocketReply reply(server_, stream_, form);
  const auto sent = co_await reply.send(answer.head, answer.body);
  if (sent && reply.reusable() && !server_.draining()) co_return true;
  phase_ = Phase::Closing;
  if (sent) co_await linger(stream_);
  co_return false;
}

Awaitable<bool> Session::refuse(const http1::MessageRefusal& refusal, ReplyForm form) {
  return refuse(error_reply(refusal.status, "invalid_request", refusal.reason), form);
}

Awaitable<void> turn_away(net::ip::tcp::socket socket, std::size_t& turned_away) {
  struct Count {
    std::size_t& count;
    ~Count() { --count; }
  } counted{turned_away};
  constexpr std::string_view text =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\n"
      "Connection: close\r\n\r\n";
  beast::tcp_stream stream(std::move(socket));
  stream.expires_after(DiscardTime);
  const auto bytes = net::buffer(text.data(), text.size());
  const auto [error, size] = co_await net::async_write(stream, bytes, as_values);
  if (!error) co_await linger(stream);
}

}  // namespace vdm::http
