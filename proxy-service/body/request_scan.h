#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy-service/body/json_index.h"

namespace vdm::proxy {

/// Bytes of the body: body.substr(begin, size).
struct ByteRange {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// What routing and reporting need of a request body, and where to splice it.
struct RequestScan {
  std::string model;      ///< decoded, never empty, at most model_bytes_max
  ByteRange model_token;  ///< as it stands, quotes included
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

/// Reads a request body once, without building anything from it. Bounds: JSON
/// depth 64. Refuses what is not one JSON object, and a second `model` or
/// `stream`, so that nobody downstream can read another request than we did.
/// Thread: its owner's.
class RequestScanner {
 public:
  static constexpr std::size_t model_bytes_max = 512;

  /// Either dialect's body; it needs no padding. InvalidRequest names the member at fault.
  Result<RequestScan> scan(std::string_view body);

 private:
  JsonIndexer indexer_;
};

}  // namespace vdm::proxy
