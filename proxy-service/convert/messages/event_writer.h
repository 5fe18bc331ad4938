#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// Writes the events of one Anthropic message: one start, blocks that open and close one at a time
/// with indices from 0 without gaps, one end. It takes every text as it stands between the quotes
/// of a JSON string. Pure.
class MessagesWriter {
 public:
  enum class Block : std::uint8_t { None, Text, Thinking, Tool };

  Block open_block() const { return open_; }

  /// A start always reports 0 output tokens, because clients add them to those of the end.
  void start(const StreamOptions& options, const Usage& usage, std::string& out);

  /// Opens a Text or Thinking block, and first closes the block that is open.
  void open(Block kind, std::string& out);
  /// Opens a tool_use block. `id` is as it stands between its quotes, `name` is decoded.
  void open_tool(std::string_view id, std::string_view name, std::string& out);
  void delta(std::string_view text, std::string& out);
  /// Writes the signature of the open thinking block and closes the block.
  void sign(std::string_view signature, std::string& out);
  /// Writes a whole redacted_thinking block: opens and closes it.
  void redacted(std::string_view data, std::string& out);
  void close(std::string& out);

  void end(std::string_view stop_reason, const Usage& usage, std::string& out);

 private:
  void open_with(std::string_view content_block, std::string_view delta, std::string& out);

  Block open_ = Block::None;
  std::size_t next_index_ = 0;
  std::string delta_head_;  ///< the part of a delta's event before its text
};

}  // namespace vdm::proxy
