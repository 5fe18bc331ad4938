#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "common/http/server.h"
#include "common/http1/request_head.h"

namespace vdm::http {

class RequestParser;
class SocketReply;
struct ReplyForm;

/// One connection: reads a request, finds its route, lets the handler answer, and
/// again. A head passes http1's guard first; Beast parses what the guard accepted, and has to
/// read the same in it. On any doubt there is one answer, then the connection closes and nothing
/// more of it is parsed. A body has a length: a chunked one is refused. Memory: a buffer of at
/// most 64 KiB and one body. Lives in its own coroutine. Thread: its IoThread.
class Session {
 public:
  static constexpr std::size_t BufferMax = 64 * 1024;

  Session(Server& server, net::ip::tcp::socket socket);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Serves until the connection ends.
  Awaitable<void> run();

  /// The server drains: an idle connection closes, an endless answer ends.
  void drain();
  /// Whatever it does, it ends.
  void end_now();

 private:
  enum class Phase { Idle, Reading, Answering, Closing };
  enum class Got { All, Closed, Refused };

  Awaitable<bool> serve_one();
  Awaitable<Got> read_head();
  Awaitable<void> read_rest_of_head();
  Awaitable<Got> read_body(RequestParser& parser);
  Awaitable<void> read_rest_of_body(RequestParser& parser);
  bool parse_body(RequestParser& parser);
  Awaitable<bool> read_some();
  Awaitable<bool> within(std::chrono::milliseconds time, Awaitable<void> reading);
  Awaitable<void> out_of_time();
  Awaitable<bool> say_continue();
  std::optional<Reply> refusal_of(const Request& request) const;
  Awaitable<bool> run_handler(const Handler& handler, const Request& request, ReplyForm form);
  Awaitable<void> call(const Handler& handler, const Request& request, SocketReply& reply);
  Awaitable<void> watch_client(SocketReply& reply);
  Awaitable<bool> refuse(Reply reply, ReplyForm form);
  Awaitable<bool> refuse(const http1::Refusal& refusal, ReplyForm form);

  Got refused(const http1::Refusal& refusal);
  static Reply no_route(const std::string& allow);
  Request request_from_head() const;
  std::string_view received() const;

  Server& server_;
  boost::beast::tcp_stream stream_;
  net::steady_timer time_;  ///< how long a head or a body may take
  net::steady_timer hold_;  ///< what watching waits on when there is nothing to read
  boost::beast::flat_buffer buffer_{BufferMax};
  http1::RequestHead head_;
  http1::Refusal refusal_;  ///< after Got::Refused
  std::string peer_;
  SocketReply* reply_ = nullptr;  ///< while answering
  Phase phase_ = Phase::Idle;
  bool ending_ = false;
  std::list<Session*>::iterator entry_;
};

/// Tells a connection there are too many, and closes it. `server` has counted it.
Awaitable<void> turn_away(net::ip::tcp::socket socket, std::size_t& turned_away);

}  // namespace vdm::http
