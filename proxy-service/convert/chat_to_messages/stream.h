#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/contract/event.h"
#include "proxy-service/body/json_index.h"
#include "proxy-service/convert/chat/chunk.h"
#include "proxy-service/convert/json/argument_scan.h"
#include "proxy-service/convert/messages/event_writer.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// OpenAI chunks in, the events of one Anthropic message out: whatever order the
/// pieces come in, blocks open and close one at a time. A call streams as it comes;
/// what comes for other blocks while its arguments are unfinished is held, at most
/// `kept_bytes_max` in `queued_max` pieces, and a stream that needs more cannot be
/// converted. Nothing is invented: only finish_reason, [DONE] or both let it end.
/// Thread: its owner's.
class StreamChatToMessages {
 public:
  static constexpr std::size_t kept_bytes_max = 1024 * 1024;
  static constexpr std::size_t queued_max = 1024;  ///< pieces of a kind
  static constexpr std::size_t calls_max = 128;

  /// `indexer` is lent for the length of a call, as to the Tap.
  StreamChatToMessages(StreamOptions options, JsonIndexer& indexer);

  /// One whole event, as SseFramer cuts it. Appends whole events for the client.
  StreamStep push(std::string_view event, std::string& out);

  /// The provider's stream is at its end. Closes the message if it is whole; false
  /// when it broke, and then the client is owed an error event.
  bool finish(std::string& out);

 private:
  enum class State { Idle, InMessage, Done, Broken };

  struct Call {
    std::optional<std::uint64_t> index;  ///< the provider's
    std::string id;                      ///< as written
    std::string name;                    ///< decoded
    std::string signature;
    std::string_view signer;
    std::string held;  ///< arguments that came before the block was opened
    ArgumentScan scan;
    bool opened = false;
  };

  /// What is written once the blocks before it are closed: one of calls_, or so much of a text.
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
  /// The number of the call a piece is of, a new one if need be; nothing at the bound.
  std::optional<std::size_t> call_of(const CallPiece& piece);
  static bool begins_another(const CallPiece& piece, const Call& call);

  /// What is open has all it will get, as far as can be known.
  bool open_block_is_over() const;
  bool may_open(const QueuedPiece& next) const;
  /// Opens what waits, in order, as far as what is open is over.
  void advance(std::string& out);
  void open_next(std::string& out);
  std::string id_for_client(const Call& call) const;
  void open_call(std::size_t number, std::string& out);

  bool keep(std::string_view text, std::string& where);
  void let_go(std::string& text);
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
  std::string signature_;  ///< came beside the calls: the next one's
  std::string_view signer_;
  std::string joined_;
  std::string scratch_;
  std::string_view fault_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t shown_bytes_ = 0;
  std::size_t open_call_ = 0;
  std::size_t calls_opened_ = 0;
  bool finished_ = false;        ///< a finish_reason has come
  bool usage_is_final_ = false;  ///< the chunk that has nothing but usage has come
  bool has_content_ = false;
  bool refused_ = false;
};

}  // namespace vdm::proxy
