#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy-service/http1/head_writer.h"
#include "proxy-service/net/connection.h"
#include "proxy-service/worker/refusal.h"
#include "proxy-service/worker/worker.h"

namespace vdm::proxy {

using SharedText = std::shared_ptr<const std::string>;

/// A whole answer that the gateway makes itself.
struct Answer {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body{};
  SharedText shared_body{};  ///< in place of `body`, when many requests get the same
  std::vector<std::pair<std::string_view, std::string>> fields{};

  std::string_view text() const { return shared_body ? *shared_body : body; }
};

/// Whom the proxy asked for the answer, for its head. Views into the request in hand.
struct Asked {
  std::string_view provider{};  ///< empty: nobody
  std::string_view model{};
};

/// What the current request decides about its answer's head and framing.
struct ReplyTerms {
  std::string request_id;
  Dialect dialect = Dialect::Anthropic;
  int minor_version = 1;
  bool head_only = false;
  bool keep_alive = false;  ///< may become false, never true again
  int status = 0;           ///< what the client has been told; 0: nothing yet
  /// The client has whole events of a stream that is not complete: one more may follow.
  bool takes_event = false;
  Asked asked{};
  std::string_view page_origin{};  ///< whose page may read the answer; empty: no other site's

  /// An answer's head has gone: no other status can be said.
  bool started() const { return status != 0; }
};

/// The client's side of a connection: its socket, its session's wait point, and
/// the one way to answer. Thread: its IoThread.
class ClientConnection {
 public:
  ClientConnection(Worker& worker, Descriptor socket)
      : worker_(&worker), connection_(std::move(socket), worker.reactor, worker.read_buffer) {
    connection_.attach(&wait_point_, Interrupt::ClientGone);
  }

  Worker& worker() { return *worker_; }
  /// Requests that begin from now on use `worker`: another configuration's, on the same thread.
  void move_to(Worker& worker) {
    worker_ = &worker;
    asker_.reset();
  }
  Connection& connection() { return connection_; }
  WaitPoint& wait_point() { return wait_point_; }
  const WaitPoint& wait_point() const { return wait_point_; }

  /// The other end of the socket.
  const IpAddress& peer() {
    if (!peer_) peer_ = connection_.peer_address();
    return *peer_;
  }
  /// Whose request is in hand: the peer's, or that of the client whom a trusted proxy names.
  const IpAddress& asker() { return asker_ ? *asker_ : peer(); }
  void set_asker(const IpAddress& address) { asker_ = address; }

  /// Writes what the kernel takes at once; true when that was all. Otherwise send_rest()
  /// copies and writes the rest, so the bytes need not stay. It returns false, and the session
  /// is interrupted as ClientGone, when the client does not read in time.
  bool send_now(BufferSequence& buffers) {
    return connection_.send_now(buffers) == Connection::Sent::All;
  }
  Task<bool> send_rest(BufferSequence& buffers);

  Task<bool> answer(const Answer& answer, ReplyTerms& terms);
  Task<bool> refuse(const Refusal& refusal, ReplyTerms& terms);
  /// Ends a stream that takes one more event with the error.
  Task<bool> end_stream(const Refusal& refusal, ReplyTerms& terms);

  /// An empty string for an answer's head; its memory is kept from answer to answer.
  std::string& head_text() {
    head_text_.clear();
    return head_text_;
  }

  /// Writes the lines that end every answer's head.
  void end_head(http1::HeadWriter& head, const ReplyTerms& terms) const;

 private:
  Worker* worker_;
  WaitPoint wait_point_;
  Connection connection_;
  std::optional<IpAddress> peer_;   ///< not asked for yet
  std::optional<IpAddress> asker_;  ///< the peer, unless set
  std::string head_text_;
};

}  // namespace vdm::proxy
