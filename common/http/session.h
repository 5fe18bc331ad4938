#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "common/base/ip_address.h"
#include "common/http/server.h"
#include "common/http1/request_head.h"

namespace vdm::http {

class RequestParser;
class SocketReply;
struct ReplyForm;

/// One connection: for each request it reads the head, finds the route, reads the body and lets the
/// handler answer. http1's guard checks a head first; Beast then parses it and must read the same
/// request. If a head is in doubt, the session sends one answer, closes the connection and parses
/// nothing more of it. It refuses a chunked body. Memory: a buffer of at most 64 KiB and one body.
/// Lives in its own coroutine. Thread: its IoThread.
class Session {
 public:
  static constexpr std::size_t BufferMax = 64 * 1024;

  /// The server has counted it as one of `peer`'s connections; the destructor gives that back.
  Session(Server& server, net::ip::tcp::socket socket, const IpAddress& peer, Seat seat);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Serves requests until the connection ends.
  Awaitable<void> run();

  /// The server calls it when it drains: closes an idle connection and ends an endless answer.
  void drain();
  /// Ends the connection, whatever it is doing.
  void end_now();

 private:
  enum class Phase { Idle, Reading, Answering, Closing };
  enum class ReadResult { Complete, Closed, Refused };

  Awaitable<bool> serve_one();
  Awaitable<ReadResult> read_head();
  std::chrono::milliseconds silence_most() const;
  bool may_stay() const;
  Awaitable<void> read_rest_of_head();
  Awaitable<ReadResult> read_body(RequestParser& parser);
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
  Awaitable<bool> refuse(const http1::MessageRefusal& refusal, ReplyForm form);

  ReadResult refused(const http1::MessageRefusal& refusal);
  static Reply no_route(const std::string& allow);
  Request request_from_head() const;
  std::string_view received() const;

  Server& server_;
  boost::beast::tcp_stream stream_;
  net::steady_timer time_;  ///< the deadline of a head or a body
  net::steady_timer hold_;  ///< watch_client() waits on it when it cannot read more
  boost::beast::flat_buffer buffer_{BufferMax};
  http1::RequestHead head_;
  http1::MessageRefusal refusal_;  ///< after ReadResult::Refused
  const IpAddress peer_;
  const Seat seat_;
  bool has_asked_ = false;        ///< something came of it
  SocketReply* reply_ = nullptr;  ///< set while the session answers
  Phase phase_ = Phase::Idle;
  bool ending_ = false;
  std::list<Session*>::iterator entry_;
};

/// Answers 503 on a connection over the maximum and closes it. The server has counted it in
/// `turned_away`; this lowers the count when it is done.
Awaitable<void> turn_away(net::ip::tcp::socket socket, std::size_t& turned_away);

}  // namespace vdm::http
