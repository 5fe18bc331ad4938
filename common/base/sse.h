#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace vdm {

/// Server-Sent Events, both ways. SseFramer says where events end in bytes that
/// stay where they are; SseSplitter is the same with a buffer of its own. LF, CR
/// and CRLF end a line, a leading byte-order mark is dropped, and where the bytes
/// are cut never changes the events. Thread: their owner's.

/// One event as it stands in the bytes. `name` is empty where none is given.
struct SseEvent {
  std::string name;
  std::string data;
  std::string id;

  friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

/// What a relay needs of an event, without copying: views into the event's own
/// bytes, or into `joined` where the data has several lines.
struct SseFields {
  std::string_view name;
  std::string_view data;
  std::string_view id;
  bool has_data = false;
};

/// Reads one whole event (as SseFramer gives it). `joined` is storage, kept by
/// the caller as long as the fields are looked at.
SseFields read_sse_event(std::string_view event, std::string& joined);

/// Finds whole events at the front of the caller's buffer, and never looks at a
/// byte twice. The caller keeps the bytes: it may append to them at any time, and
/// removes what next() returned before it calls again. A stray blank line is a whole
/// event without data.
class SseFramer {
 public:
  explicit SseFramer(std::size_t event_bytes_max) : event_bytes_max_(event_bytes_max) {}

  /// The size of the first whole event in `buffer`, its blank line included; 0
  /// when more bytes are needed; TooLarge when no event of that size is allowed.
  Result<std::size_t> next(std::string_view buffer);

  /// How many leading bytes of `buffer` are whole events: what may be relayed now
  /// when no event needs to be looked at.
  Result<std::size_t> whole(std::string_view buffer);

 private:
  std::size_t event_bytes_max_;
  std::size_t scanned_ = 0;     ///< bytes of the unfinished event already looked at
  std::size_t line_begin_ = 0;  ///< where its unfinished line begins
  bool after_cr_ = false;       ///< a line feed that comes next belongs to that carriage return
};

/// Cuts a byte stream into events. Bytes in, whole events out; it neither reads
/// nor waits, and keeps at most `event_bytes_max` bytes. Events without data
/// (comments, keep-alives) are left out.
class SseSplitter {
 public:
  explicit SseSplitter(std::size_t event_bytes_max) : framer_(event_bytes_max) {}

  /// Appends every event completed by `bytes` to `events`.
  Result<void> push(std::string_view bytes, std::vector<SseEvent>& events);

 private:
  SseFramer framer_;
  std::string rest_;
};

/// The other way: the wire form of one event, ended by its blank line. Line ends
/// in `data` become further data lines; those in `name` and `id` become spaces.
std::string sse_event(std::string_view name, std::string_view data, std::string_view id = {});

}  // namespace vdm
