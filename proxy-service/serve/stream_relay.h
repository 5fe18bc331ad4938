#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/sse.h"
#include "proxy-service/serve/relay.h"

namespace vdm::proxy {

/// Passes on a stream of Server-Sent Events, whole events only, so that whatever
/// happens to the provider, what the client has is well formed. What one read
/// brought is one write; one is in flight at a time. A stream that breaks after
/// its first byte ends with exactly one error event in the client's dialect;
/// nothing is ever invented that would make it look complete.
/// Thread: its IoThread.
class StreamRelay {
 public:
  enum class UsageChunk { Show, Hide };

  StreamRelay(RelayParts parts, UsageChunk usage_chunk);

  Task<Ending> run(const http1::ResponseHead& from);

 private:
  struct Cut {
    std::span<char> relay;  ///< whole events to pass on
    std::span<char> rest;   ///< the beginning of the next one
    bool malformed = false;
  };

  /// Cuts bytes into events, shows each to the tap, leaves out the hidden one.
  Cut cut(std::span<char> bytes);
  enum class Last { No, Yes };
  Task<bool> send(std::string_view events, Last last);
  Task<Ending> end_of_stream();
  Task<Ending> broken(const Error& error);
  Task<Ending> first_event_failed();
  bool is_complete() const;
  Ending complete() const;
  Ending client_left() const;
  void set_deadline();

  RelayParts parts_;
  const UsageChunk usage_chunk_;
  std::string& head_;
  SseFramer framer_;
  std::string held_;         ///< the beginning of an event whose end has not come
  std::string first_error_;  ///< the event a stream began with instead of an answer
  MonotonicTime whole_until_;
  bool chunked_ = false;
  bool sent_any_ = false;
  bool last_sent_ = false;
  bool terminal_ = false;
  bool error_relayed_ = false;
};

}  // namespace vdm::proxy
