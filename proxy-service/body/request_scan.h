#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy-service/body/json_index.h"

namespace vdm::proxy {

/// A part of the body: body.substr(begin, size).
struct ByteRange {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// What routing and reports need of a request body, and where the splice goes.
struct RequestScan {
  std::string model;      ///< decoded, never empty, at most model_bytes_max
  ByteRange model_token;  ///< as it is written, quotes included
  bool stream = false;
  std::size_t object_begin = 0;                  ///< just after the body's opening brace
  std::optional<ByteRange> stream_options;       ///< its opening brace, or the word null
  bool stream_options_empty = false;             ///< {}
  std::optional<ByteRange> include_usage_value;  ///< the token inside stream_options
  bool include_usage = false;                    ///< the client asked for usage itself
  std::uint32_t message_count = 0;               ///< messages, and the system prompt's parts
  std::uint32_t tool_use_count = 0;              ///< in the history
  std::uint32_t tool_result_count = 0;           ///< in the history
  std::string session_id;                        ///< Claude Code's, from metadata.user_id
};

/// Reads a request body once and builds no objects. Bounds: JSON depth 64. It refuses a body that
/// is not one JSON object or has a second `model` or `stream`, so that a provider cannot read a
/// different request than the proxy did. Thread: its owner's.
class RequestScanner {
 public:
  static constexpr std::size_t model_bytes_max = 512;

  /// Scans a body of either dialect; it needs no padding. InvalidRequest names the faulty member.
  Result<RequestScan> scan(std::string_view body);

 private:
  JsonIndexer indexer_;
};

}  // namespace vdm::proxy
