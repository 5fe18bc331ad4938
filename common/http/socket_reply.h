#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>

#include "common/http/reply_writer.h"
#include "common/http/server.h"

namespace vdm::http {

/// How the request determines the form of its answer.
struct ReplyForm {
  bool head_only = false;  ///< HEAD: send only the head that GET would get
  bool chunks = true;      ///< HTTP/1.1; in 1.0 closing ends the answer
  bool keep_alive = true;  ///< the client wants to keep the connection
};

/// The ReplyWriter of a session: Beast's serializer writes the heads, the bodies are written from
/// where they lie. The socket takes at once what the kernel has room for; the rest waits under the
/// write deadline, which counts from the last byte taken. Lives as long as one request. Thread: its
/// IoThread.
class SocketReply final : public ReplyWriter {
 public:
  SocketReply(Server& server, boost::beast::tcp_stream& stream, ReplyForm form);
  ~SocketReply() override;
  SocketReply(const SocketReply&) = delete;
  SocketReply& operator=(const SocketReply&) = delete;

  using ReplyWriter::send;
  Awaitable<Result<void>> send(const ReplyHead& head, std::string_view body) override;
  Awaitable<Result<void>> begin(const ReplyHead& head, StreamKind kind) override;
  Awaitable<Result<void>> write(std::string_view bytes) override;
  Awaitable<Result<void>> end() override;
  bool head_sent() const override { return state_ != State::Nothing; }

  /// The session calls it when the client closed its side; begin() then fails.
  void note_client_gone() { client_gone_ = true; }

  bool streaming() const { return state_ == State::Streaming; }
  bool endless() const { return streaming() && kind_ == StreamKind::Endless; }
  /// The answer is complete and the connection can serve another request.
  bool reusable() const { return state_ == State::Complete && form_.keep_alive; }
  /// The answer is complete, even if the connection then closes.
  bool complete() const { return state_ == State::Complete; }

 private:
  using Body = boost::beast::http::empty_body;
  enum class State { Nothing, Streaming, Complete, Broken };

  /// Fills `message_`. False when the status or a header must not be written.
  bool set_head(const ReplyHead& head);
  void list_head();
  Awaitable<bool> put();
  Awaitable<Result<void>> refuse_header();
  Error broken();
  void leave_streams();

  Server& server_;
  boost::beast::tcp_stream& stream_;
  ReplyForm form_;
  boost::beast::http::response<Body> message_;
  std::optional<boost::beast::http::response_serializer<Body>> serializer_;
  std::vector<boost::asio::const_buffer> parts_;  ///< what put() writes
  State state_ = State::Nothing;
  StreamKind kind_ = StreamKind::Finite;
  bool client_gone_ = false;
  bool counted_ = false;
};

}  // namespace vdm::http
