#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// Writes the events of one Anthropic message: one start, blocks that open and
/// close one at a time with indices from 0 without gaps, one end. Every text is
/// taken as written between the quotes of a JSON string. Pure.
class MessagesWriter {
 public:
  enum class Block : std::uint8_t { None, Text, Thinking, Tool };

  Block open_block() const { return open_; }

  /// The output tokens of a start are always 0: clients add them.
  void start(const StreamOptions& options, const Usage& usage, std::string& out);

  /// Text or Thinking. Whatever is open is closed first.
  void open(Block kind, std::string& out);
  /// The id as written, the name as it is.
  void open_tool(std::string_view id, std::string_view name, std::string& out);
  void delta(std::string_view text, std::string& out);
  /// Signs the thinking that is open, which is then whole.
  void sign(std::string_view signature, std::string& out);
  /// A block of its own, opened and closed.
  void redacted(std::string_view data, std::string& out);
  void close(std::string& out);

  void end(std::string_view stop_reason, const Usage& usage, std::string& out);

 private:
  void open_with(std::string_view content_block, std::string_view delta, std::string& out);

  Block open_ = Block::None;
  std::size_t next_index_ = 0;
  std::string delta_head_;  ///< all of a delta that stands before its text
};

}  // namespace vdm::proxy
