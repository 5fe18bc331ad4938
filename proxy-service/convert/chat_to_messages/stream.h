#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/contract/event.h"
#include "proxy-service/body/json_index.h"
#include "proxy-service/convert/chat/call_match.h"
#include "proxy-service/convert/chat/chunk.h"
#include "proxy-service/convert/json/argument_scan.h"
#include "proxy-service/convert/messages/event_writer.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// Converts OpenAI chunks to the events of one Anthropic message. Whatever the order of the chunks'
/// pieces, it opens and closes blocks one at a time. It streams a call at once; while the call's
/// arguments are unfinished, it holds back pieces of other blocks, at most `kept_bytes_max` in
/// `queued_max` entries, and breaks off a stream that needs more. Arguments that do not begin as an
/// object it holds back to the end, which tells what they mean. It ends the message only after
/// finish_reason or [DONE], never makes up an end, and breaks off a stream without content, reason
/// and usage. Thread: its owner's.
class StreamChatToMessages {
 public:
  static constexpr std::size_t kept_bytes_max = 1024 * 1024;
  static constexpr std::size_t queued_max = 1024;  ///< entries of queued_, each a run of one kind
  static constexpr std::size_t calls_max = 128;

  /// The machine uses `indexer` only during a call, so it can share it with the Tap.
  StreamChatToMessages(StreamOptions options, JsonIndexer& indexer);

  /// Takes one whole event from SseFramer and appends whole events for the client to `out`.
  StreamStep push(std::string_view event, std::string& out);

  /// Call it at the end of the provider's stream. It closes the message if that is whole. False
  /// when the stream broke; the caller must then send the client an error event.
  bool finish(std::string& out);

 private:
  enum class State { Idle, InMessage, Done, Broken };

  struct Call : CallSign {
    std::string signature{};
    std::string_view signer{};
    std::string held{};  ///< arguments that are not written yet
    ArgumentScan scan{};
    bool opened = false;
  };

  /// A piece to write once the blocks before it are closed: one of calls_, or a piece of a text.
  struct QueuedPiece {
    TextPiece::Kind kind = TextPiece::Kind::Text;
    std::string text{};
    bool is_call = false;
    std::size_t call = 0;
  };

  void add(const ChatChunk& chunk, std::string& out);
  void add_usage(const ReportedUsage& said);
  bool input_unknown() const;
  void begin(std::string& out);
  void show(TextPiece::Kind kind, std::string_view text, std::string& out);
  void write(TextPiece::Kind kind, std::string_view text, std::string& out);
  void add_call(const CallPiece& piece, std::string& out);
  bool add_head(const CallPiece& piece, Call& call);
  void add_arguments(std::size_t number, std::string_view as_written, std::string& out);
  /// The number of the call that the piece belongs to; adds a call if it is new. Nothing when there
  /// are `calls_max` already.
  std::optional<std::size_t> number_of(const CallPiece& piece);

  /// Whether the open block is complete, as far as the machine can tell.
  bool open_block_is_over() const;
  bool may_open(const QueuedPiece& next) const;
  /// Writes queued pieces in order for as long as the open block is complete.
  void advance(std::string& out);
  void open_next(std::string& out);
  std::string id_for_client(const Call& call) const;
  void open_call(std::size_t number, std::string& out);
  /// Writes what the open call holds back, now that no more of it can follow.
  void settle(std::string& out);

  bool keep(std::string_view text, std::string& where);
  void let_go(std::string& text);
  bool is_empty() const;
  void end(std::string& out);
  void break_off(std::string_view why);

  StreamOptions options_;
  JsonIndexer& indexer_;
  State state_ = State::Idle;
  MessagesWriter writer_;
  ChatChunk chunk_;
  Usage usage_;
  std::vector<Call> calls_;
  std::vector<QueuedPiece> queued_;
  std::string finish_reason_;
  std::string signature_;  ///< came outside a call's entry; for the next call
  std::string_view signer_;
  std::string joined_;
  std::string scratch_;
  std::string_view violation_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t shown_bytes_ = 0;
  std::size_t open_call_ = 0;
  std::size_t calls_opened_ = 0;
  bool finished_ = false;        ///< the provider has sent a finish_reason
  bool done_ = false;            ///< the provider has sent [DONE]
  bool usage_is_final_ = false;  ///< the provider has sent the chunk with usage alone
  bool has_content_ = false;
  bool refused_ = false;
};

}  // namespace vdm::proxy
