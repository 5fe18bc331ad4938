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
  /// time between two events for the model "bench-slow", whose stream never ends
  std::chrono::microseconds slow_gap{5'000'000};
};

/// Every text the provider sends, made once.
struct Answers {
  explicit Answers(const AnswerOptions& options);

  AnswerOptions options;
  std::string whole;
  std::string stream_begin;  ///< head and first event
  std::string event;
  std::string stream_end;  ///< usage, [DONE], last chunk
  std::string at_once;     ///< a whole stream, sent without gaps
};

/// One connection from a gateway to the provider. It reads a request and answers by the model and
/// the mode in its body. Thread: the provider's.
class ProviderConnection {
 public:
  explicit ProviderConnection(const Answers& answers) : answers_(answers) {}

  void open(Fd fd);
  bool is_open() const { return fd_.open(); }
  const Fd& fd() const { return fd_; }

  void ready(std::span<char> scratch);
  /// When the next event of the current stream is due.
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
  std::string body_begin_;  // The model and the stream flag may be at either end of a body,
  std::string body_end_;    // since a gateway that rewrites a body may put them last
  std::string unsent_;
  http1::RequestHead head_;
  http1::BodyDecoder body_;
};

}  // namespace vdm::bench
