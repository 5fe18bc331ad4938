#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proto/contract/event.h"

namespace vdm::metrics::v1 {
class ActiveRequest;
class Batch;
class Event;
class RequestEnded;
class RequestFacts;
class RequestProgressed;
}  // namespace vdm::metrics::v1

namespace vdm {

/// Converts events to protobuf messages and back; nothing else does. Encoding never fails: it cuts
/// text at its cap and makes it UTF-8. Decoding trusts no sender: it refuses an identity that is
/// missing, too long or not plain, and a value of an enumeration that is not known; it cuts other
/// text, and leaves out a number that no request can have (see event_limits.h). Pure. Thread: any.

/// The caps of the contract: bytes of text and of messages, and numbers of attempts and events.
struct Caps {
  static constexpr std::size_t RequestId = 128;
  static constexpr std::size_t Text = 256;  ///< models, user agent, session, messages
  static constexpr std::size_t Word = 128;  ///< provider, labels, error type, finish reason
  static constexpr std::size_t Attempts = 64;
  static constexpr std::size_t BatchEvents = 512;
  static constexpr std::size_t BatchBytes = 1024 * 1024;
  static constexpr std::size_t MessageBytes = 4 * 1024 * 1024;
};

/// The largest count that a JSON reader with doubles keeps exactly.
inline constexpr std::uint64_t CountMax = (std::uint64_t{1} << 53) - 1;

void encode(const RequestFacts& facts, metrics::v1::RequestFacts& out);
void encode(const Progressed& progressed, metrics::v1::RequestProgressed& out);
void encode(const Ended& ended, metrics::v1::RequestEnded& out);
void encode(const Event& event, metrics::v1::Event& out);

/// Counts the numbers that were left out.
struct LeftOut {
  std::uint64_t numbers = 0;
};

/// Errors name the field: "ended.facts.request_id: expected 1..128 visible ASCII characters".
Result<RequestFacts> decode(const metrics::v1::RequestFacts& in, LeftOut& left_out);
Result<Progressed> decode(const metrics::v1::RequestProgressed& in, LeftOut& left_out);
Result<Event> decode(const metrics::v1::Event& in, LeftOut& left_out);

struct DecodedBatch {
  std::uint64_t first_seq = 0;
  std::uint64_t last_seq = 0;
  std::vector<Event> events;
};
/// Also checks that a Gap's numbers agree with its place in the sequence.
Result<DecodedBatch> decode(const metrics::v1::Batch& in, LeftOut& left_out);

/// Whether the contract accepts `text` as an id: 1..RequestId visible ASCII characters.
bool is_identity(std::string_view text);

}  // namespace vdm
