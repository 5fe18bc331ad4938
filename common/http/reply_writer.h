#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http/message.h"

namespace vdm::http {

/// Status and headers of an answer. The writer itself adds Content-Length, Transfer-Encoding,
/// Connection and Date. It never writes a header whose value has a CR, LF or NUL, or whose name is
/// no token: it answers 500 instead.
struct ReplyHead {
  int status = 200;
  std::string content_type;  ///< none when empty
  std::vector<Header> headers = {};
};

/// A whole answer as a value, for authenticators and refusals.
struct Reply {
  ReplyHead head;
  std::string body;
};

/// An answer with that status and the body {"error":{"type":...,"message":...}}.
Reply error_reply(int status, std::string_view type, std::string_view message);
/// The same for an Error, whose kind determines the status and the type.
Reply error_reply(const Error& error);

/// Whether a streamed answer ends by itself. When the server drains, it ends an endless one (a live
/// view) at once and lets a finite one finish within the grace.
enum class StreamKind { Finite, Endless };

/// The only way to answer a request. Each write waits until the kernel has taken the bytes, so a
/// slow reader slows the handler. It fails with ErrorKind::ClientGone when the client is gone or
/// has not read within the write deadline, and with Internal when the writer refused a header and
/// answered 500 in its place; the handler then just returns. An argument passed by view or
/// reference must live until the call is done: name it on the line before the co_await. Thread: its
/// IoThread.
class ReplyWriter {
 public:
  virtual ~ReplyWriter() = default;

  /// Sends a whole answer with its Content-Length.
  virtual Awaitable<Result<void>> send(const ReplyHead& head, std::string_view body) = 0;

  /// Begins a streamed answer and sends its head at once. From here on, when the client closes its
  /// connection, the session cancels the handler at its next wait.
  virtual Awaitable<Result<void>> begin(const ReplyHead& head, StreamKind kind) = 0;
  /// Sends one piece of a streamed answer. An empty piece sends nothing.
  virtual Awaitable<Result<void>> write(std::string_view bytes) = 0;
  /// Ends a streamed answer. If the handler does not call it, the client sees that the answer is
  /// cut off.
  virtual Awaitable<Result<void>> end() = 0;

  /// True once the writer has given any byte of the head to the socket; an error can then no longer
  /// be a status.
  virtual bool head_sent() const = 0;

  Awaitable<Result<void>> send(Reply reply);
  /// Sends `text` as application/json, marked as not to be cached.
  Awaitable<Result<void>> json(int status, std::string text);
  /// Sends `text` as text/plain; charset=utf-8, marked as not to be cached.
  Awaitable<Result<void>> text(int status, std::string text);
  Awaitable<Result<void>> no_content();
  Awaitable<Result<void>> redirect(int status, std::string location);
  Awaitable<Result<void>> refuse(int status, std::string_view type, std::string_view message);
  Awaitable<Result<void>> refuse(const Error& error);
  /// Begins a text/event-stream answer with the headers that all event streams of this project
  /// have.
  Awaitable<Result<void>> begin_events(StreamKind kind = StreamKind::Endless);
};

}  // namespace vdm::http
