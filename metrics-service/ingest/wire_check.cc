#include "metrics-service/ingest/wire_check.h"

#include <cstdint>
#include <optional>
#include <string>

#include <google/protobuf/descriptor.h>

namespace vdm::metrics {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

enum WireType : std::uint32_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

Error not_of(const std::string& message) { return {ErrorKind::InvalidRequest, message}; }

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 10 && i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7fu) << (7 * i);
    if ((byte & 0x80u) != 0) continue;
    bytes.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

/// Takes what a field of this type holds; nothing when the bytes end before it does.
std::optional<std::string_view> take_value(std::uint64_t wire_type, std::string_view& bytes) {
  std::uint64_t size = 0;
  switch (wire_type) {
    case Varint:
      if (!take_varint(bytes)) return std::nullopt;
      return std::string_view();
    case Fixed64:
      size = 8;
      break;
    case Fixed32:
      size = 4;
      break;
    case Bytes: {
      const auto length = take_varint(bytes);
      if (!length) return std::nullopt;
      size = *length;
      break;
    }
    default:  // a group, which this contract has not
      return std::nullopt;
  }
  if (size > bytes.size()) return std::nullopt;
  const std::string_view value = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return value;
}

class Walk {
 public:
  explicit Walk(const WireLimits& limits) : limits_(limits) {}

  /// As deep as the contract's messages are.
  Result<void> through(const Descriptor& type, std::string_view bytes) {
    while (!bytes.empty()) {
      if (++fields_ > limits_.fields_max) {
        return not_of("message: expected at most " + std::to_string(limits_.fields_max) +
                      " fields");
      }
      const auto tag = take_varint(bytes);
      if (!tag || *tag >> 3 == 0 || *tag >> 32 != 0) return not_of("message: not a tag");
      const auto value = take_value(*tag & 7u, bytes);
      if (!value) return not_of("message: a field is not whole");
      if ((*tag & 7u) != Bytes) continue;
      const FieldDescriptor* const field = type.FindFieldByNumber(static_cast<int>(*tag >> 3));
      if (field == nullptr || field->type() != FieldDescriptor::TYPE_MESSAGE) continue;
      if (++messages_ > limits_.messages_max) {
        return not_of("message: expected at most " + std::to_string(limits_.messages_max) +
                      " messages within it");
      }
      if (const auto inner = through(*field->message_type(), *value); !inner) return inner;
    }
    return {};
  }

 private:
  const WireLimits& limits_;
  std::size_t fields_ = 0;
  std::size_t messages_ = 0;
};

}  // namespace

Result<void> check_wire(const Descriptor& type, std::string_view bytes, const WireLimits& limits) {
  return Walk(limits).through(type, bytes);
}

}  // namespace vdm::metrics
