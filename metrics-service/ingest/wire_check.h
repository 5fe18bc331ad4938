#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/result.h"

namespace google::protobuf {
class Descriptor;
}

namespace vdm::metrics {

/// How much a message may be before it is decoded. A proxy of ours stays far below: 512 events with
/// 64 attempts each are 35,000 messages, and 4 MiB of a snapshot some 60,000 with 500,000 fields.
struct WireLimits {
  std::size_t fields_max = 1'000'000;  ///< in all, also those that we do not know
  std::size_t messages_max = 131'072;  ///< within the message, at any depth
};

/// Walks through the encoded bytes of a message and decodes nothing: two bytes can be a message
/// that takes a hundred in memory, so 4 MiB of them would take hundreds of MiB. An error says what
/// is too much, or that the bytes are no such message. Pure. Thread: any.
Result<void> check_wire(const google::protobuf::Descriptor& type, std::string_view bytes,
                        const WireLimits& limits = {});

}  // namespace vdm::metrics
