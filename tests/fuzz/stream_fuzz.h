#pragma once

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "tests/proxy-service/convert/converted_stream.h"
#include "tests/proxy-service/convert/stream_checks.h"

namespace vdm::proxy {

/// Checks what both converters guarantee for any bytes: the same output wherever the bytes are cut,
/// output that a strict client accepts, and an end only when the provider's stream had one.

inline void require(bool holds) {
  if (!holds) std::abort();
}

inline void check_stream(Dialect upstream, std::string_view bytes, bool include_usage) {
  const ToolNames names = some_tool_names();
  StreamOptions options = some_stream_options(names);
  options.include_usage = include_usage;
  const ConvertedStream whole = convert_stream(upstream, options, {bytes});
  const ConvertedStream cut = convert_stream(upstream, options, pieces_of(bytes, 3));
  require(whole == cut);

  const SeenStream seen = upstream == Dialect::OpenAi ? read_anthropic_stream(whole.out)
                                                      : read_openai_stream(whole.out);
  require(seen.fault.empty());
  require(whole.whole == (seen.ended || seen.error));
  require(!(seen.ended && seen.error) && (whole.fault.empty() || !whole.whole));
  require(whole.content_began <= 1 && whole.ended <= 1);
  require(seen.blocks.empty() || whole.content_began == 1);
  require(whole.error_type.size() <= ProviderError::type_bytes_max);
  require(whole.error_message.size() <= ProviderError::stream_message_bytes_max);
}

/// Makes a stream of events, one chosen by each byte: mutations alone rarely make valid JSON.
inline std::string chosen_events(std::span<const std::uint8_t> bytes,
                                 std::span<const std::string_view> events) {
  std::string stream;
  for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 400))) {
    stream.append("data: ").append(events[byte % events.size()]).append("\n\n");
  }
  return stream;
}

}  // namespace vdm::proxy
