#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "common/http/deadline.h"
#include "common/http/reply_writer.h"
#include "common/http/server.h"

namespace vdm::http {

/// What the request says about the form of its answer.
struct ReplyForm {
  bool head_only = false;  ///< HEAD: the head of what GET would answer
  bool chunks = true;      ///< HTTP/1.1; 1.0 is framed by closing
  bool keep_alive = true;  ///< the client would go on
};

/// The ReplyWriter of a session: writes to its socket what the kernel takes at
/// once, and waits for the rest under the write deadline, which counts from the
/// last byte taken. Lives as long as one request. Thread: its IoThread.
class SocketReply final : public ReplyWriter {
 public:
  SocketReply(Server& server, net::ip::tcp::socket& socket, Deadline& deadline, ReplyForm form);
  ~SocketReply() override;
  SocketReply(const SocketReply&) = delete;
  SocketReply& operator=(const SocketReply&) = delete;

  using ReplyWriter::send;
  Awaitable<Result<void>> send(const ReplyHead& head, std::string_view body) override;
  Awaitable<Result<void>> begin(const ReplyHead& head, StreamKind kind) override;
  Awaitable<Result<void>> write(std::string_view bytes) override;
  Awaitable<Result<void>> end() override;
  bool head_sent() const override { return state_ != State::Nothing; }

  /// The client closed its side: a streamed answer has no reader any more.
  void note_client_gone() { client_gone_ = true; }
  /// The answer is not to be followed by another on this connection.
  void close_afterwards() { form_.keep_alive = false; }

  bool streaming() const { return state_ == State::Streaming; }
  bool endless() const { return streaming() && kind_ == StreamKind::Endless; }
  /// Complete, and the connection may be used again.
  bool reusable() const { return state_ == State::Complete && form_.keep_alive; }
  /// Complete, though the connection closes.
  bool complete() const { return state_ == State::Complete; }

 private:
  enum class State { Nothing, Streaming, Complete, Broken };

  /// Nothing when a header may not be written.
  std::optional<std::string> head_text(const ReplyHead& head, std::string_view framing) const;
  template <class Buffers>
  Awaitable<bool> put(Buffers buffers);
  Awaitable<Result<void>> refuse_header();
  Error broken();
  void leave_streams();

  Server& server_;
  net::ip::tcp::socket& socket_;
  Deadline& deadline_;
  ReplyForm form_;
  State state_ = State::Nothing;
  StreamKind kind_ = StreamKind::Finite;
  bool client_gone_ = false;
  bool counted_ = false;
};

}  // namespace vdm::http
