#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/sse.h"
#include "proxy-service/completion/converted_relay.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/convert/stream_converter.h"

namespace vdm::proxy {

/// Relays a stream of Server-Sent Events. It sends whole events only, converted when the dialects
/// differ, so what the client has is well formed whatever the provider does. A stream that breaks
/// after its first byte ends with exactly one error event in the client's dialect and is never made
/// to look complete; so does one whose last word means a failure, or that says nothing at all. Each
/// read becomes one write, one write is in flight at a time, and while the
/// provider is silent, a client that has the head gets keep-alive pings. Thread: its IoThread.
class StreamRelay {
 public:
  enum class Begin {
    AtOnce,
    WithToken,  ///< hold everything until the first token, while another target may be tried
  };
  struct Options {
    Dialect upstream;
    UsageChunk usage_chunk = UsageChunk::Show;
    Begin begin = Begin::AtOnce;
    const Conversion* conversion = nullptr;  ///< null: events stay as they are
    MonotonicTime since{};                   ///< when the provider's head came
  };

  StreamRelay(RelayParts parts, const Options& options);

  /// `begin`: the body's first bytes; empty when there are none.
  Task<RelayResult> run(const http1::ResponseHead& from, std::span<char> begin);

 private:
  struct Cut {
    std::string_view relay;      ///< what the client gets of these bytes
    std::size_t rest = 0;        ///< bytes of an incomplete event at the end
    std::string_view violation;  ///< why the stream cannot go on; empty when it can
  };

  /// Cuts bytes into events, shows each one to the tap, then converts it or drops a hidden one.
  Cut cut(std::span<char> bytes);
  void begin_head(const http1::ResponseHead& from);
  bool take(std::string_view event, Cut& result, std::span<char> bytes, std::size_t& kept);
  bool convert(std::string_view event, Cut& result);
  enum class Words { Theirs, Ours };
  /// Records that the stream tells of a failure. `words`: whose the client is to read.
  void note_error(std::string_view event, int status, Words words);
  /// Returns what may go to the client now and holds back the rest.
  std::string_view released(std::string_view events);

  enum class Last { No, Yes };
  Task<bool> send(std::string_view events, Last last);
  Task<RelayResult> end_of_stream();
  Task<RelayResult> broken(const Error& error);
  RelayResult first_event_failed();
  RelayResult finished(RequestOutcome ended) const {
    return {.ended = std::move(ended), .reported_status = reported_status_};
  }
  bool is_complete() const;
  /// Whether Anthropic's client still waits for the event that ends a message: some servers of its
  /// dialect leave it out.
  bool lacks_stop() const;
  RequestOutcome complete() const;
  RequestOutcome client_left() const;
  void set_deadline();
  void got_bytes();
  /// Whether the wait ended only because a keep-alive ping is due.
  bool pauses(const Error& error) const;

  RelayParts parts_;
  const Options options_;
  std::string& head_;
  SseFramer framer_;
  std::optional<StreamConverter> converter_;
  std::string held_;                   ///< the beginning of an incomplete event
  std::string pending_;                ///< held back until the first token
  std::string own_error_;              ///< the event that tells the client of a failed end
  std::optional<Answer> first_error_;  ///< the answer when the stream's first event is an error
  RequestOutcome first_outcome_{};     ///< and its outcome
  MonotonicTime whole_until_;
  MonotonicTime idle_until_{};
  MonotonicTime token_until_;
  MonotonicTime last_sent_at_{};
  bool hold_;
  bool chunked_ = false;
  bool sent_any_ = false;
  bool last_sent_ = false;
  bool token_seen_ = false;
  bool terminal_ = false;
  bool last_word_ = false;  ///< the provider has said [DONE], and stragglers may follow
  bool error_relayed_ = false;
  int reported_status_ = 0;  ///< the status that the stream's error stands for
};

}  // namespace vdm::proxy
