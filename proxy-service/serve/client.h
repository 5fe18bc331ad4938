#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http1/head_writer.h"
#include "proxy-service/http/wire.h"
#include "proxy-service/serve/failure.h"
#include "proxy-service/serve/lane.h"

namespace vdm::proxy {

/// A whole answer of our own.
struct Answer {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body{};
  std::vector<std::pair<std::string_view, std::string>> fields{};
};

/// What the request at hand asks of its answer's framing.
struct ReplyTerms {
  std::string request_id;
  Dialect dialect = Dialect::Anthropic;
  int minor_version = 1;
  bool head_only = false;
  bool keep_alive = false;  ///< may become false, never true again
  bool begun = false;       ///< an answer's head has gone: no status can be said any more
};

/// The client's side of a connection: its socket, what its session waits by, and
/// the one way to answer. Thread: its IoThread.
class Client {
 public:
  Client(Lane& lane, Descriptor socket)
      : lane_(&lane), wire_(std::move(socket), lane.reactor, lane.scratch) {
    wire_.attach(&waiting_, Interrupt::ClientGone);
  }

  Lane& lane() { return *lane_; }
  /// What begins from now on goes by another configuration; on the same thread.
  void move_to(Lane& lane) { lane_ = &lane; }
  Wire& wire() { return wire_; }
  Waiting& waiting() { return waiting_; }
  const Waiting& waiting() const { return waiting_; }

  /// Sends at once what can be sent; true when that was all. Otherwise send_rest()
  /// goes on: it copies what is left, so the bytes need not stay. A client that
  /// does not read within its time is gone, and false is returned.
  bool send_now(Pieces& pieces) { return wire_.send_now(pieces) == Wire::Sent::All; }
  Task<bool> send_rest(Pieces& pieces);

  Task<bool> answer(const Answer& answer, ReplyTerms& terms);
  Task<bool> refuse(const Failure& failure, ReplyTerms& terms);

  /// Empty room for an answer's head, kept from answer to answer.
  std::string& head_text() {
    head_text_.clear();
    return head_text_;
  }

  /// The lines every answer ends its head with.
  void end_head(http1::HeadWriter& head, const ReplyTerms& terms) const;

 private:
  Lane* lane_;
  Waiting waiting_;
  Wire wire_;
  std::string head_text_;
};

}  // namespace vdm::proxy
