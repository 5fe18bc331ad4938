#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/http1/body.h"
#include "proxy-service/http1/response_head.h"
#include "tests/bench/recorder.h"
#include "tests/bench/socket.h"
#include "tests/bench/stream_ends.h"

namespace vdm::bench {

/// One keep-alive connection of the load: it sends the given request, reads the answer to its end,
/// and records the result. When the peer closed it between two requests, it reconnects, and that is
/// no failure. Thread: the load's.
class LoadConnection {
 public:
  enum class State { Idle, Sending, AwaitingHead, AwaitingBody };

  /// What a 503 with Retry-After is.
  enum class Refusal { Failure, Answer };

  LoadConnection(Poll& poll, Recorder& recorder, std::uint16_t port, Answer expected,
                 Refusal refusal)
      : poll_(poll), recorder_(recorder), port_(port), expected_(expected), refusal_(refusal) {}

  /// Sends `request`, whose text must outlive the exchange. `due` is when it should have been sent.
  void send(std::string_view request, Time due);
  /// Call it when the poll reports the socket. Returns true when the exchange has just ended.
  bool ready(std::span<char> scratch);

  bool idle() const { return state_ == State::Idle; }
  bool has_first_byte() const { return has_first_byte_; }

 private:
  bool read(std::span<char> scratch);
  bool take(std::string_view bytes);
  bool take_head(std::string_view& bytes);
  bool closed();
  bool is_refusal() const;
  bool ended();
  bool failed(std::string why);
  void note_payload(std::string_view payload);

  Poll& poll_;
  Recorder& recorder_;
  std::uint16_t port_;
  Answer expected_;
  Refusal refusal_;
  Fd fd_;
  State state_ = State::Idle;
  std::string_view unsent_;
  Time due_;
  bool has_first_byte_ = false;
  std::string head_bytes_;  // the part received of a head that arrives in parts
  http1::ResponseHead head_;
  http1::BodyDecoder body_;
  StreamEnds ends_;
};

}  // namespace vdm::bench
