#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/contract/event.h"
#include "proxy-service/body/json_index.h"
#include "proxy-service/convert/json/argument_scan.h"
#include "proxy-service/convert/messages/event.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// Converts Anthropic events to the chunks of one OpenAI answer. It numbers tool calls from 0,
/// whatever the indices of their blocks, and may write pieces of several calls in turn, as OpenAI's
/// dialect allows. It skips events and blocks that it does not know. It keeps a few words for each
/// of at most `calls_max` calls. Arguments that do not begin as an object it holds back to the end
/// of their block, which tells what they mean: at most `held_bytes_max` of a stream. message_stop
/// ends the answer, or the stream's end after a stop_reason: the machine then writes finish_reason,
/// the usage if the client asked for it, and [DONE]. It breaks off a stream without content, reason
/// and usage. Thread: its owner's.
class StreamMessagesToChat {
 public:
  static constexpr std::size_t calls_max = 128;
  static constexpr std::size_t held_bytes_max = 1024 * 1024;

  /// The machine uses `indexer` only during a call, so it can share it with the Tap.
  StreamMessagesToChat(const StreamOptions& options, JsonIndexer& indexer);

  /// Takes one whole event from SseFramer and appends whole chunks for the client to `out`.
  StreamStep push(std::string_view event, std::string& out);

  /// Call it at the end of the provider's stream. False when the stream broke; the caller must then
  /// send the client an error chunk.
  bool finish(std::string& out);

 private:
  enum class State { Idle, InMessage, Done, Broken };

  /// A tool_use block. Its position in calls_ is its index in OpenAI's dialect.
  struct Call {
    std::uint64_t block = 0;
    std::string held{};  ///< arguments that do not begin as an object
    ArgumentScan scan{};
    bool has_arguments = false;  ///< written to the client
    bool whole = false;          ///< all of the arguments came as one object
  };

  void add(const MessagesEvent& event, std::string& out);
  void begin(std::string& out);
  void open_block(const MessagesEvent& event, std::string& out);
  void add_delta(const MessagesEvent& event, std::string& out);
  void add_arguments(const MessagesEvent& event, std::string& out);
  void close_block(const MessagesEvent& event, std::string& out);
  /// Writes what the call holds back, or {} when it has no arguments, now that none can follow.
  void settle(Call& call, std::string& out);
  void end(std::string& out);

  void write_text(const MessagesEvent& event, std::string& out);
  void write_detail(std::string_view type, std::string_view member, std::string_view text,
                    std::string& out);
  void write_arguments(Call& call, std::string_view text, std::string& out);
  void write_whole(Call& call, std::string_view json, std::string& out);
  void write_delta(std::string_view before, std::string_view text, std::string_view after,
                   std::string& out);
  Call* call_of(std::uint64_t block);
  void break_off(std::string_view why);

  const ToolNames& tool_names_;
  JsonIndexer& indexer_;
  const bool include_usage_;
  State state_ = State::Idle;
  std::string head_;  ///< the text that every chunk begins with
  MessagesEvent event_;
  Usage usage_;
  std::vector<Call> calls_;
  std::string stop_reason_;
  std::string joined_;
  std::string scratch_;
  std::string_view violation_;
  std::size_t held_bytes_ = 0;
  std::size_t thoughts_ = 0;  ///< thinking blocks so far
  bool has_content_ = false;
  bool has_usage_ = false;  ///< counted after the answer began
};

}  // namespace vdm::proxy
