#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/sse.h"
#include "proxy-service/convert/stream_converter.h"

namespace vdm::proxy {

/// A whole stream sent through a machine as the relay does it.
struct ConvertedStream {
  std::string out{};
  int content_began = 0;  ///< how many steps said so
  int ended = 0;
  std::string error_type{};
  std::string error_message{};
  std::string fault{};
  bool whole = false;  ///< what finish() said

  friend bool operator==(const ConvertedStream&, const ConvertedStream&) = default;
};

inline ToolNames some_tool_names() {
  ToolNames names;
  names.legal("mcp.files/read");  // is mcp_files_read upstream
  return names;
}

inline StreamOptions some_stream_options(const ToolNames& names) {
  return {.message_id = "msg_7",
          .created = 1764000000,
          .model = "the-model",
          .input_estimate = 77,
          .include_usage = false,
          .request_id = "req_7",
          .tool_names = names};
}

inline ConvertedStream convert_stream(Dialect upstream, const StreamOptions& options,
                                      const std::vector<std::string_view>& pieces) {
  JsonIndexer indexer;
  StreamConverter converter(upstream, options, indexer);
  SseFramer framer(1 << 24);
  ConvertedStream converted;
  std::string buffer;
  const auto take = [&] {
    while (const std::size_t size = *framer.next(buffer)) {
      // A copy of its own, so that a read beyond the event is one beyond the memory.
      const std::vector<char> event(buffer.begin(), buffer.begin() + static_cast<long>(size));
      const StreamStep step = converter.push({event.data(), event.size()}, converted.out);
      buffer.erase(0, size);
      converted.content_began += step.content_began ? 1 : 0;
      converted.ended += step.ended ? 1 : 0;
      if (step.error) converted.error_type = step.error->type;
      if (step.error) converted.error_message = step.error->message;
      if (!step.violation.empty()) converted.fault = step.violation;
    }
  };
  for (const std::string_view piece : pieces) {
    buffer.append(piece);
    take();
  }
  if (!buffer.empty()) {
    buffer.append("\n\n");
    take();
  }
  converted.whole = converter.finish(converted.out);
  return converted;
}

/// The same bytes in pieces of that many.
inline std::vector<std::string_view> pieces_of(std::string_view bytes, std::size_t size) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
  return pieces;
}

}  // namespace vdm::proxy
