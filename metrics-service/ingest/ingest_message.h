#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "metrics-service/tracker/live_event.h"
#include "proto/contract/event_codec.h"

namespace vdm::metrics::v1 {
class ReportRequest;
}

namespace vdm::metrics {

struct SnapshotPart {
  std::uint64_t as_of_seq = 0;
  std::vector<ActiveEntry> entries;
  bool last = false;
};

/// A Hello with another protocol version, which gets a refusal of its own.
struct WrongProtocol {
  std::uint32_t protocol = 0;
};

/// The process that the stream speaks for is gone, and all of it has been said.
struct ProxyGoodbye {};

/// A message from a proxy, decoded and checked.
using IngestMessage = std::variant<ProxyHello, DecodedBatch, ProxyHeartbeat, SnapshotPart,
                                   ProxyGoodbye, WrongProtocol>;

inline constexpr std::uint32_t IngestProtocol = 1;

/// Parses and decodes one message as it came. What would cost too much to parse is refused before
/// (see wire_check.h). Pure. Thread: any.
Result<IngestMessage> decode(std::string_view bytes, LeftOut& left_out);
/// Decodes and checks one message; adds to `left_out` the numbers that cannot be. Pure. Thread:
/// any.
Result<IngestMessage> decode(const v1::ReportRequest& request, LeftOut& left_out);

}  // namespace vdm::metrics
