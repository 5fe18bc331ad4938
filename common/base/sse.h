#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace vdm {

/// Server-Sent Events, both ways. SseFramer finds where events end in a buffer that the caller
/// keeps; SseSplitter does the same with a buffer of its own. LF, CR and CRLF end a line, both drop
/// a leading byte-order mark, and how the bytes are split between calls never changes the events.
/// Thread: their owner's.

/// The position of the first CR or LF in `text`, which is where its first line ends.
inline std::size_t line_end(std::string_view text) {
  const auto feed = text.find('\n');
  const auto carriage = text.substr(0, feed).find('\r');
  return carriage != std::string_view::npos ? carriage : feed;
}

/// One event as the sender wrote it. `name` is empty when the event has no `event` line.
struct SseEvent {
  std::string name;
  std::string data;
  std::string id;

  friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

/// The fields of an event that a relay needs. They are views into the event's own bytes, or into
/// `joined` when the data has several lines.
struct SseFields {
  std::string_view name;
  std::string_view data;
  std::string_view id;
  bool has_data = false;
};

/// Reads one whole event (as SseFramer gives it). `joined` holds data of several lines; the caller
/// keeps it for as long as it uses the fields.
SseFields read_sse_event(std::string_view event, std::string& joined);

/// Finds whole events at the front of the caller's buffer, and never looks at a byte twice. The
/// caller owns the bytes: it may append to them at any time, and removes the event that next()
/// found before it calls next() again. A stray blank line is a whole event without data.
class SseFramer {
 public:
  explicit SseFramer(std::size_t event_bytes_max) : event_bytes_max_(event_bytes_max) {}

  /// Returns the size of the first whole event in `buffer`, its blank line included; 0 when the
  /// event is not complete yet; TooLarge when it exceeds `event_bytes_max`.
  [[gnu::always_inline]] inline Result<std::size_t> next(std::string_view buffer);

  /// Returns how many leading bytes of `buffer` are whole events, for a relay that passes them on
  /// without reading each event.
  Result<std::size_t> whole(std::string_view buffer);

 private:
  Error too_large() const;

  std::size_t event_bytes_max_;
  std::size_t scanned_ = 0;     ///< bytes of the unfinished event that next() has examined
  std::size_t line_begin_ = 0;  ///< where its unfinished line begins
  bool after_cr_ = false;       ///< a CR came last; an LF after it completes a CRLF
};

/// Splits a byte stream into whole events. It does no I/O, and keeps at most `event_bytes_max`
/// bytes of an unfinished event. It leaves out events without data (comments, keep-alives).
class SseSplitter {
 public:
  explicit SseSplitter(std::size_t event_bytes_max) : framer_(event_bytes_max) {}

  /// Appends to `events` every event that `bytes` completes.
  Result<void> push(std::string_view bytes, std::vector<SseEvent>& events);

 private:
  SseFramer framer_;
  std::string rest_;
};

/// Writes one event as text, with the blank line that ends it. Each line of `data` becomes a data
/// line of its own; line ends in `name` and `id` become spaces.
std::string sse_event(std::string_view name, std::string_view data, std::string_view id = {});

// Each event of each stream comes through here; a call of it cost a stream 78 instructions an
// event.
inline Result<std::size_t> SseFramer::next(std::string_view buffer) {
  if (after_cr_ && scanned_ < buffer.size()) {
    after_cr_ = false;
    if (buffer[scanned_] == '\n') {
      if (scanned_ == 0) return 1;
      line_begin_ = ++scanned_;
    }
  }
  while (scanned_ < buffer.size()) {
    const auto found = line_end(buffer.substr(scanned_));
    if (found == std::string_view::npos) break;
    const std::size_t end = scanned_ + found;
    const bool is_crlf = buffer.substr(end).starts_with("\r\n");
    const std::size_t after = end + (is_crlf ? 2 : 1);
    after_cr_ = buffer[end] == '\r' && after == buffer.size() && !is_crlf;

    if (end != line_begin_) {
      scanned_ = line_begin_ = after;
      continue;
    }
    scanned_ = line_begin_ = 0;
    if (after > event_bytes_max_) return too_large();
    return after;
  }
  scanned_ = buffer.size();
  if (scanned_ > event_bytes_max_) return too_large();
  return std::size_t{0};
}

}  // namespace vdm
