#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/http1/request_head.h"
#include "proxy-service/http1/body.h"
#include "tests/bench/socket.h"

namespace vdm::bench {

struct AnswerOptions {
  std::size_t json_bytes = 2048;
  std::size_t events = 50;
  std::chrono::microseconds gap{2000};
  /// Between two events for the model "bench-slow", which never ends.
  std::chrono::microseconds slow_gap{5'000'000};
};

/// Everything the provider says, made once.
struct Answers {
  explicit Answers(const AnswerOptions& options);

  AnswerOptions options;
  std::string whole;
  std::string stream_begin;  ///< head and first event
  std::string event;
  std::string stream_end;  ///< usage, [DONE], last chunk
  std::string at_once;     ///< a stream without gaps
};

/// One connection of a gateway to the provider. Reads a request, answers it by
/// what its body asks for. Thread: the provider's.
class ProviderConnection {
 public:
  explicit ProviderConnection(const Answers& answers) : answers_(answers) {}

  void open(Fd fd);
  bool is_open() const { return fd_.open(); }
  const Fd& fd() const { return fd_; }

  void ready(std::span<char> scratch);
  /// When the next event of the running stream is to be sent.
  std::optional<Time> due() const { return due_; }
  void send_due(Time now);

 private:
  void take(std::string_view bytes);
  bool take_head(std::string_view& bytes);
  void note_body(std::string_view payload);
  bool asks_for(std::string_view text) const;
  void answer();
  void say(std::string_view text);
  void flush();
  void close();

  const Answers& answers_;
  Fd fd_;
  bool in_body_ = false;
  bool is_slow_ = false;
  std::size_t events_left_ = 0;
  std::optional<Time> due_;
  std::string head_bytes_;
  std::string body_begin_;  // model and stream stand at either end of a body:
  std::string body_end_;    // a gateway that writes it anew may put them last
  std::string unsent_;
  http1::RequestHead head_;
  http1::BodyDecoder body_;
};

}  // namespace vdm::bench
