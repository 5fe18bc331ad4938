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

/// What one event of a stream contains.
struct Seen {
  bool first_token = false;  ///< the answer's first content: text, thinking or tool arguments
  bool usage_only = false;   ///< OpenAI's extra chunk, hidden from a client that did not ask for it
  bool terminal = false;     ///< message_stop or [DONE]
  bool error = false;        ///< the provider reports that it failed
  bool error_told = false;   ///< and does so in a way that a client of its dialect understands
};

/// What the tap knows about the answer so far.
struct TapFacts {
  Usage usage;  ///< output is estimated from the text until the provider states it
  std::uint32_t tool_call_count = 0;
  std::string finish_reason;       ///< as the provider wrote it
  bool answered_as_asked = false;  ///< the answer names the very model that was asked
  std::string answered_name;       ///< what it names instead, capped; empty: nothing
  bool started = false;            ///< the answer has some content
  bool terminal = false;           ///< the stream's own end, or a whole body's end
  bool error = false;
  bool error_told = false;    ///< in a way that a client of its dialect understands
  std::string error_type;     ///< capped
  std::string error_message;  ///< from the provider, capped; whoever records it redacts it
  bool malformed = false;     ///< some JSON was malformed or too large
  bool unread = false;        ///< a body that is not a stream was too large to be read
  bool usage_said = false;    ///< the provider has counted any token, other than in advance

  /// Whether the answer has neither content nor an end nor usage, and no error: that is no answer.
  bool nothing() const {
    return !started && !error && !usage_said && !unread && finish_reason.empty();
  }
};

/// Reads a copy of a provider's answer in the provider's dialect and changes nothing. An event
/// costs less than half a microsecond. It never throws and never fails: JSON that it cannot read is
/// a fact (`malformed`). It keeps at most `body_bytes_max` of a body that is not a stream. Thread:
/// its owner's.
class Tap {
 public:
  static constexpr std::size_t body_bytes_max = 8 * 1024 * 1024;

  /// `indexer` is used only during a call. All taps of a thread share it, because its memory is
  /// larger than all the rest of an open stream. `asked` is the model that the provider was asked
  /// for; it must outlive the tap.
  Tap(Dialect upstream, JsonIndexer& indexer, std::string_view asked = {})
      : dialect_(upstream), asked_(asked), indexer_(indexer) {}

  /// One whole event of a stream, as SseFramer cuts it.
  Seen event(std::string_view event);

  /// Takes the next bytes of a body that is not a stream: a copy, for more follow.
  void body(std::string_view bytes) noexcept;
  /// Takes its last bytes, or none. A body that comes as a whole is read where it is.
  void body_end(std::string_view last = {}) noexcept;

  const TapFacts& facts() const { return facts_; }

 private:
  /// Reads one JSON object into reading_; false, and `malformed` is set, when it cannot.
  bool read(std::string_view json);
  void add(const Reading& reading);
  /// Not called once the answer has ended: what a provider still sends belongs to no answer.
  void count(const Reading& reading);
  void note_model(std::string_view as_written);
  void count_call(const CallMark& call);
  void add_output(const Reading& reading);

  Dialect dialect_;
  std::string_view asked_;
  TapFacts facts_;
  JsonIndexer& indexer_;
  Reading reading_;
  std::string joined_;
  std::string body_;
  std::vector<std::uint64_t> calls_seen_;
  std::uint64_t output_reported_ = 0;
  std::uint64_t text_bytes_ = 0;  ///< since the provider last stated its count
};

}  // namespace vdm::proxy
