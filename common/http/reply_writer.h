#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http/message.h"

namespace vdm::http {

/// Status and headers of an answer. Content-Length, Transfer-Encoding, Connection
/// and Date are the writer's own. A header with a CR, LF or NUL in it, or a name
/// that is no token, is never written: the answer becomes a 500 instead.
struct ReplyHead {
  int status = 200;
  std::string content_type;  ///< none when empty
  std::vector<Header> headers = {};
};

/// A whole answer as a value, for gates and refusals.
struct Reply {
  ReplyHead head;
  std::string body;
};

/// {"error":{"type":...,"message":...}} with the status.
Reply error_reply(int status, std::string_view type, std::string_view message);
/// The same from an Error: its kind names the status and the type.
Reply error_reply(const Error& error);

/// How long an answer lives. An endless one (a live view) is ended when the
/// server drains; a finite one may finish within the grace.
enum class StreamKind { Finite, Endless };

/// The one way to answer a request. Each write waits until the kernel took the
/// bytes: that is the back-pressure. An error is ErrorKind::ClientGone (gone, or did not
/// read for the write deadline), or Internal when a header was refused and 500 was
/// answered in its place; either way the handler should just return.
/// Thread: its IoThread. What is handed in by view or reference must live until
/// the call is done; name it on the line before the co_await.
class ReplyWriter {
 public:
  virtual ~ReplyWriter() = default;

  /// A whole answer with its Content-Length.
  virtual Awaitable<Result<void>> send(const ReplyHead& head, std::string_view body) = 0;

  /// Begins a streamed answer: the head goes out at once. Its client is watched
  /// from here on: when it leaves, the handler is cancelled at its next wait.
  virtual Awaitable<Result<void>> begin(const ReplyHead& head, StreamKind kind) = 0;
  /// One piece of a streamed answer. An empty piece writes nothing.
  virtual Awaitable<Result<void>> write(std::string_view bytes) = 0;
  /// Ends a streamed answer. Without it the client sees the answer cut off.
  virtual Awaitable<Result<void>> end() = 0;

  /// True once any byte of the head has been handed to the socket: from here on an
  /// error can no longer be a status.
  virtual bool head_sent() const = 0;

  Awaitable<Result<void>> send(Reply reply);
  /// `text` as application/json, never cached.
  Awaitable<Result<void>> json(int status, std::string text);
  /// `text` as text/plain; charset=utf-8, never cached.
  Awaitable<Result<void>> text(int status, std::string text);
  Awaitable<Result<void>> no_content();
  Awaitable<Result<void>> redirect(int status, std::string location);
  Awaitable<Result<void>> refuse(int status, std::string_view type, std::string_view message);
  Awaitable<Result<void>> refuse(const Error& error);
  /// Begins text/event-stream with the headers every event stream of ours has.
  Awaitable<Result<void>> begin_events(StreamKind kind = StreamKind::Endless);
};

}  // namespace vdm::http
