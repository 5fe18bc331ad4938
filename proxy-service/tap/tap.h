#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/contract/event.h"
#include "proxy-service/body/json_index.h"
#include "proxy-service/tap/reading.h"

namespace vdm::proxy {

/// What one event of a stream turned out to be.
struct Seen {
  bool first_token = false;  ///< the answer's first content: text, thinking or tool arguments
  bool usage_only = false;   ///< OpenAI's extra chunk: hide it from a client that did not ask
  bool terminal = false;     ///< message_stop or [DONE]
  bool error = false;        ///< the provider says that it failed
};

/// What is known of the answer so far.
struct TapFacts {
  Usage usage;  ///< output estimated from the text until the provider says it
  std::uint32_t tool_call_count = 0;
  std::string finish_reason;  ///< in the provider's own words
  bool started = false;       ///< any content has been seen
  bool terminal = false;      ///< the stream came to its own end; whole bodies: read to the end
  bool error = false;
  std::string error_type;     ///< capped
  std::string error_message;  ///< foreign text, capped; to be redacted by who records it
  bool malformed = false;     ///< JSON that is none, somewhere
};

/// Reads a copy of what a provider answers, in its own dialect, and changes
/// nothing. Costs an event less than half a microsecond. It never
/// throws and never fails: what it cannot read is a fact (`malformed`). Keeps at
/// most `body_bytes_max` of a body that is not a stream. Thread: its owner's.
class Tap {
 public:
  static constexpr std::size_t body_bytes_max = 8 * 1024 * 1024;

  /// `indexer` is lent for the length of a call: taps of one thread share it, since
  /// its memory is larger than all the rest of an open stream.
  Tap(Dialect upstream, JsonIndexer& indexer) : dialect_(upstream), indexer_(indexer) {}

  /// One whole event of a stream, as SseFramer cuts it.
  Seen event(std::string_view event);

  /// A piece of a body that is not a stream, and then its end.
  void body(std::string_view bytes) noexcept;
  void body_end() noexcept;

  const TapFacts& facts() const { return facts_; }

 private:
  /// Reads one piece of JSON into reading_; false (and a fact) when it is none.
  bool read(std::string_view json);
  void add(const Reading& reading);
  void count_call(const CallMark& call);
  void add_output(const Reading& reading);

  Dialect dialect_;
  TapFacts facts_;
  JsonIndexer& indexer_;
  Reading reading_;
  std::string joined_;
  std::string body_;
  std::vector<std::uint64_t> calls_seen_;
  std::uint64_t output_said_ = 0;
  std::uint64_t text_bytes_ = 0;  ///< since the provider last said how much it was
};

}  // namespace vdm::proxy
