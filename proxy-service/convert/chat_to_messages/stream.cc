#include "proxy-service/convert/chat_to_messages/stream.h"

#include <algorithm>
#include <utility>

#include "common/base/sse.h"
#include "proxy-service/body/json_text.h"
#include "proxy-service/convert/content/thought_signature.h"
#include "proxy-service/convert/errors/stream_error.h"
#include "proxy-service/convert/json/raw_arguments.h"
#include "proxy-service/convert/json/wire_json.h"
#include "proxy-service/convert/stop_reason.h"

namespace vdm::proxy {
namespace {

using Block = MessagesWriter::Block;
using Kind = TextPiece::Kind;

constexpr std::string_view TooMixed = "the provider's stream mixes more than can be put in order";
/// A fair average for English text and JSON, used when the provider reports no output tokens.
constexpr std::uint64_t BytesPerToken = 4;

}  // namespace

StreamChatToMessages::StreamChatToMessages(StreamOptions options, JsonIndexer& indexer)
    : options_(std::move(options)), indexer_(indexer) {}

StreamStep StreamChatToMessages::push(std::string_view event, std::string& out) {
  StreamStep step;
  if (state_ == State::Done || state_ == State::Broken) return step;
  const SseFields fields = read_sse_event(event, joined_);
  if (!fields.has_data || fields.data.empty()) return step;

  const bool had_content = has_content_;
  if (fields.data == "[DONE]") {
    // Some providers send their finish_reason after it.
    done_ = true;
    if (finished_ || is_empty()) end(out);
  } else {
    chunk_.clear();
    JsonWalk walk(fields.data, indexer_.index(fields.data));
    const bool is_chunk = read_openai_chunk(fields.data, walk, chunk_);
    // An event named "error" is an error, whatever its data is.
    const bool failed = is_chunk && (chunk_.error.present || !chunk_.end.failure.empty());
    if (fields.name == "error" || failed) {
      step.error = append_stream_error(Dialect::Anthropic, fields.data, options_.request_id, out);
      state_ = State::Done;
    } else if (is_chunk) {
      add(chunk_, out);
    } else {
      break_off("an event of the provider's stream is not a JSON object");
    }
  }
  step.content_began = !had_content && has_content_;
  step.ended = state_ == State::Done && !step.error;
  step.last_word = done_;
  step.violation = violation_;
  return step;
}

bool StreamChatToMessages::finish(std::string& out) {
  // Some providers leave out [DONE].
  if ((finished_ || done_) && state_ != State::Done && state_ != State::Broken) end(out);
  return state_ == State::Done;
}

void StreamChatToMessages::add(const ChatChunk& chunk, std::string& out) {
  add_usage(chunk.usage);
  if (chunk.has_choices && !chunk.choices_empty) begin(out);
  if (!chunk.signature.text.empty()) {
    let_go(signature_);
    signer_ = chunk.signature.signer;
    keep(chunk.signature.text, signature_);
  }
  for (const TextPiece& piece : chunk.thinking) show(piece.kind, piece.text, out);
  for (const TextPiece& piece : chunk.texts) show(piece.kind, piece.text, out);
  show(Kind::Text, chunk.refusal, out);
  refused_ = refused_ || !chunk.refusal.empty();
  for (const CallPiece& piece : chunk.calls) add_call(piece, out);

  if (!chunk.end.word.empty()) {
    finish_reason_ = chunk.end.word.substr(0, ReasonBytesMax);
    finished_ = true;
  }
  // A finish_reason alone does not end the answer: Gemini has sent one with every chunk. Neither
  // does usage beside a choice, which several servers send with every chunk.
  usage_is_final_ =
      usage_is_final_ || (chunk.has_choices && chunk.choices_empty && chunk.usage.any());
  if (finished_ && usage_is_final_ && state_ == State::InMessage) end(out);
}

void StreamChatToMessages::add_usage(const ReportedUsage& said) {
  apply_input(said, usage_);
  if (said.output.value_or(0) > 0) usage_.output_tokens = *said.output;
}

bool StreamChatToMessages::input_unknown() const {
  return usage_.input_tokens + usage_.cache_read_tokens + usage_.cache_creation_tokens == 0;
}

void StreamChatToMessages::begin(std::string& out) {
  if (state_ != State::Idle) return;
  state_ = State::InMessage;
  Usage usage = usage_;
  if (input_unknown()) usage.input_tokens = options_.input_estimate;
  writer_.start(options_, usage, out);
}

/// Appends `text` to `where`. Everything the machine holds back goes through here, which bounds the
/// sum.
bool StreamChatToMessages::keep(std::string_view text, std::string& where) {
  if (kept_bytes_ + text.size() > kept_bytes_max) {
    break_off(TooMixed);
    return false;
  }
  kept_bytes_ += text.size();
  where.append(text);
  return true;
}

void StreamChatToMessages::let_go(std::string& text) {
  kept_bytes_ -= text.size();
  std::string().swap(text);  // to clear it would keep its memory
}

void StreamChatToMessages::show(Kind kind, std::string_view text, std::string& out) {
  if (text.empty() || state_ != State::InMessage) return;
  has_content_ = true;
  const bool is_text = kind == Kind::Text || kind == Kind::Thinking;
  if (is_text) shown_bytes_ += text.size();
  if (queued_.empty() && open_block_is_over()) return write(kind, text, out);
  const bool goes_on =
      is_text && !queued_.empty() && !queued_.back().is_call && queued_.back().kind == kind;
  if (!goes_on && queued_.size() == queued_max) return break_off(TooMixed);
  if (!goes_on) queued_.push_back({.kind = kind});
  if (keep(text, queued_.back().text)) advance(out);
}

void StreamChatToMessages::write(Kind kind, std::string_view text, std::string& out) {
  if (kind == Kind::Redacted) return writer_.redacted(text, out);
  const Block block = kind == Kind::Text ? Block::Text : Block::Thinking;
  if (writer_.open_block() != block) writer_.open(block, out);
  if (kind == Kind::Signature) return writer_.sign(text, out);
  writer_.delta(text, out);
}

void StreamChatToMessages::add_call(const CallPiece& piece, std::string& out) {
  if (state_ != State::InMessage) return;
  const auto number = number_of(piece);
  if (!number) return break_off("the provider's stream has too many tool calls");
  Call& call = calls_[*number];
  if (!call.opened && !add_head(piece, call)) return;
  std::string_view arguments = piece.arguments;
  if (piece.arguments_are_json) {
    scratch_.clear();
    append_quoted(arguments, scratch_);
    arguments = std::string_view(scratch_).substr(1, scratch_.size() - 2);
  }
  add_arguments(*number, arguments, out);
  advance(out);
}

/// Adds the id, signature and name, which a block needs before it can open.
bool StreamChatToMessages::add_head(const CallPiece& piece, Call& call) {
  if (call.id.empty() && !keep(piece.id, call.id)) return false;
  if (call.signature.empty()) {
    // A signature that came outside the entry of a call belongs to the next call.
    const bool own = !piece.signature.text.empty();
    if (!own) call.signature.swap(signature_);
    if (own && !keep(piece.signature.text, call.signature)) return false;
    call.signer = own ? piece.signature.signer : signer_;
  }
  scratch_.clear();
  append_decoded(piece.name, scratch_);
  // A provider may send the name in pieces, or repeat all of it with every piece of the arguments.
  return scratch_ == call.name || keep(scratch_, call.name);
}

std::optional<std::size_t> StreamChatToMessages::number_of(const CallPiece& piece) {
  const auto known = call_of(piece, calls_);
  if (known) {
    Call& call = calls_[*known];
    const bool by_name = !piece.index && piece.id.empty() && !piece.name.empty();
    call.named_again = by_name && call.complete && piece.arguments.empty();
    call.has_arguments = call.has_arguments || piece.has_arguments;
    return known;
  }
  if (calls_.size() == calls_max) return std::nullopt;
  has_content_ = true;
  const auto same = std::ranges::find(calls_, true, &Call::named_again);
  Call call;
  call.index = index_of(piece);
  call.has_arguments = piece.has_arguments;
  if (piece.name.empty() && same != calls_.end()) call.name = same->name;
  if (same != calls_.end()) same->named_again = false;
  calls_.push_back(std::move(call));
  queued_.push_back({.is_call = true, .call = calls_.size() - 1});
  return calls_.size() - 1;
}

void StreamChatToMessages::add_arguments(std::size_t number, std::string_view text,
                                         std::string& out) {
  Call& call = calls_[number];
  const std::string_view own = text.substr(0, call.scan.take(text));
  call.complete = call.scan.complete();
  // Text after the end of the arguments repeats them. After an empty object it continues them
  // instead.
  if (own.size() < text.size() && call.scan.empty()) {
    return break_off("a tool call's arguments go on after their end");
  }
  if (own.empty()) return;
  shown_bytes_ += own.size();
  const bool its_turn = queued_.size() == 1 && queued_.front().is_call &&
                        queued_.front().call == number && open_block_is_over();
  const bool is_object = call.scan.is_object();
  if (its_turn && is_object && !call.name.empty()) open_next(out);
  const bool is_open = call.opened && writer_.open_block() == Block::Tool && open_call_ == number;
  if (is_open && is_object) {
    writer_.delta(own, out);
  } else if (is_open || !call.opened) {
    keep(own, call.held);
  }
}

bool StreamChatToMessages::open_block_is_over() const {
  return writer_.open_block() != Block::Tool || calls_[open_call_].scan.complete();
}

bool StreamChatToMessages::may_open(const QueuedPiece& next) const {
  if (!next.is_call) return true;
  // The name may still come in pieces, so a call opens only when its arguments begin or another
  // piece follows.
  const Call& call = calls_[next.call];
  const bool has_none = !call.scan.begun() && queued_.size() > 1;
  return !call.name.empty() && (call.scan.is_object() || has_none);
}

void StreamChatToMessages::advance(std::string& out) {
  while (!queued_.empty() && open_block_is_over() && may_open(queued_.front())) open_next(out);
}

void StreamChatToMessages::open_next(std::string& out) {
  settle(out);
  QueuedPiece next = std::move(queued_.front());
  queued_.erase(queued_.begin());
  if (next.is_call) return open_call(next.call, out);
  write(next.kind, next.text, out);
  let_go(next.text);
}

/// The provider's id, or a made-up one when the provider sent none or the client already got that
/// id.
std::string StreamChatToMessages::id_for_client(const Call& call) const {
  const auto has_it = [&](const Call& other) { return other.opened && other.id == call.id; };
  if (!call.id.empty() && std::ranges::none_of(calls_, has_it)) return call.id;
  const std::string_view message = options_.message_id;
  return std::string("toolu_")
      .append(message.substr(message.find('_') + 1))
      .append("_")
      .append(std::to_string(calls_opened_));
}

void StreamChatToMessages::open_call(std::size_t number, std::string& out) {
  Call& call = calls_[number];
  std::string id = id_for_client(call);
  std::string signature;
  append_decoded(call.signature, signature);
  if (!signature.empty()) id = id_with_signature(id, call.signer, signature);
  writer_.open_tool(id, options_.tool_names.original(call.name), out);
  call.opened = true;
  open_call_ = number;
  ++calls_opened_;
  let_go(call.signature);
  if (!call.scan.is_object()) return;  // settle() writes what they mean
  if (!call.held.empty()) writer_.delta(call.held, out);
  let_go(call.held);
}

void StreamChatToMessages::settle(std::string& out) {
  if (writer_.open_block() != Block::Tool || calls_[open_call_].held.empty()) return;
  std::string text;
  append_decoded(calls_[open_call_].held, text);
  let_go(calls_[open_call_].held);
  const auto arguments = arguments_object(text);
  if (arguments.empty()) return;
  std::string quoted;
  append_quoted(json_text(arguments), quoted);
  writer_.delta(std::string_view(quoted).substr(1, quoted.size() - 2), out);
}

bool StreamChatToMessages::is_empty() const {
  return !has_content_ && !finished_ && input_unknown() && usage_.output_tokens == 0;
}

/// The provider reported the end of the answer, so every queued piece is complete and can be
/// written.
void StreamChatToMessages::end(std::string& out) {
  if (is_empty()) return break_off("the provider's answer was empty");
  begin(out);
  while (!queued_.empty()) {
    const QueuedPiece& next = queued_.front();
    const bool nameless = next.is_call && calls_[next.call].name.empty();
    if (nameless && !calls_[next.call].held.empty()) {
      return break_off("a tool call of the provider's stream has no name");
    }
    if (nameless) {
      queued_.erase(queued_.begin());
    } else {
      open_next(out);
    }
  }
  settle(out);
  if (input_unknown()) usage_.input_tokens = options_.input_estimate;
  if (usage_.output_tokens == 0) {
    usage_.output_tokens = (shown_bytes_ + BytesPerToken - 1) / BytesPerToken;
  }
  const std::string_view reason = stop_reason_of(finish_reason_, calls_opened_ > 0);
  writer_.end(refused_ ? "refusal" : reason, usage_, out);
  state_ = State::Done;
}

void StreamChatToMessages::break_off(std::string_view why) {
  state_ = State::Broken;
  violation_ = why;
}

}  // namespace vdm::proxy
