#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/contract/event.h"
#include "proxy-service/body/json_index.h"
#include "proxy-service/convert/messages/event.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// Anthropic events in, the chunks of one OpenAI answer out. Tool calls are counted
/// from 0 whatever their blocks' indices are, and may come mixed: the dialect allows
/// it. Events and blocks not known here are passed over. Keeps a few words per tool
/// call, of at most `calls_max`. Nothing is invented: only message_stop ends the
/// answer, with its finish_reason, its usage if asked for, and [DONE].
/// Thread: its owner's.
class StreamMessagesToChat {
 public:
  static constexpr std::size_t calls_max = 128;

  /// `indexer` is lent for the length of a call, as to the Tap.
  StreamMessagesToChat(const StreamOptions& options, JsonIndexer& indexer);

  /// One whole event, as SseFramer cuts it. Appends whole chunks for the client.
  StreamStep push(std::string_view event, std::string& out);

  /// The provider's stream is at its end; false when it broke, and then the client is
  /// owed an error chunk.
  bool finish(std::string& out);

 private:
  enum class State { Idle, InMessage, Done, Broken };

  /// A tool_use block; its place among its like is its index in the other dialect.
  struct Call {
    std::uint64_t block = 0;
    bool has_arguments = false;
    bool whole = false;  ///< its block began with all of them
  };

  void add(const MessagesEvent& event, std::string& out);
  void begin(std::string& out);
  void open_block(const MessagesEvent& event, std::string& out);
  void add_delta(const MessagesEvent& event, std::string& out);
  void close_block(const MessagesEvent& event, std::string& out);
  void end(std::string& out);

  void write_text(const MessagesEvent& event, std::string& out);
  void write_detail(std::string_view type, std::string_view member, std::string_view text,
                    std::string& out);
  void write_arguments(std::size_t number, std::string_view text, std::string& out);
  void write_delta(std::string_view before, std::string_view text, std::string_view after,
                   std::string& out);
  Call* call_of(std::uint64_t block);
  void break_off(std::string_view why);

  const ToolNames& tool_names_;
  JsonIndexer& indexer_;
  const bool include_usage_;
  State state_ = State::Idle;
  std::string head_;  ///< what every chunk begins with
  MessagesEvent event_;
  Usage usage_;
  std::vector<Call> calls_;
  std::string stop_reason_;
  std::string joined_;
  std::string scratch_;
  std::string_view fault_;
  std::size_t thoughts_ = 0;  ///< blocks of thinking so far
  bool has_content_ = false;
};

}  // namespace vdm::proxy
