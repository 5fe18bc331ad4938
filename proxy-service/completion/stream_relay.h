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

/// Passes on a stream of Server-Sent Events, whole events only, so that whatever
/// happens to the provider, what the client has is well formed; converted on the way
/// when the client's dialect is the other. What one read brought is one write; one is in
/// flight at a time. A stream that breaks after its first byte ends with exactly one
/// error event in the client's dialect; nothing is ever invented that would make it look
/// complete. While nothing comes, a client that has the head gets a keep-alive ping.
/// Thread: its IoThread.
class StreamRelay {
 public:
  enum class Begin {
    AtOnce,
    WithToken,  ///< nothing is sent before the first token: another target could be tried
  };
  struct Options {
    Dialect upstream;
    UsageChunk usage_chunk = UsageChunk::Show;
    Begin begin = Begin::AtOnce;
    const Conversion* conversion = nullptr;  ///< null: as it comes
  };

  StreamRelay(RelayParts parts, const Options& options);

  Task<RelayResult> run(const http1::ResponseHead& from);

 private:
  struct Cut {
    std::string_view relay;  ///< what the client gets of it
    std::size_t rest = 0;    ///< bytes of an event whose end has not come
    std::string_view fault;  ///< why the stream cannot go on; empty when it can
  };

  /// Cuts bytes into events, shows each to the tap, converts it or leaves out what is hidden.
  Cut cut(std::span<char> bytes);
  bool take(std::string_view event, Cut& result, std::span<char> bytes, std::size_t& kept);
  bool convert(std::string_view event, Cut& result);
  void note_error(std::string_view event, int status);
  /// What may go to the client now; keeps the rest of it back.
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
  RequestOutcome complete() const;
  RequestOutcome client_left() const;
  void set_deadline();
  void got_bytes();
  /// It was only time for a keep-alive ping.
  bool pauses(const Error& error) const;

  RelayParts parts_;
  const Options options_;
  std::string& head_;
  SseFramer framer_;
  std::optional<StreamConverter> converter_;
  std::string held_;                   ///< the beginning of an event whose end has not come
  std::string pending_;                ///< kept back until the first token
  std::optional<Answer> first_error_;  ///< what a stream began with instead of an answer
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
  bool error_relayed_ = false;
  int reported_status_ = 0;  ///< of that error
};

}  // namespace vdm::proxy
