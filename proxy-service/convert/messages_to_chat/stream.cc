#include "proxy-service/convert/messages_to_chat/stream.h"

#include <algorithm>

#include <boost/json/serialize.hpp>

#include "common/base/sse.h"
#include "proxy-service/body/json_text.h"
#include "proxy-service/convert/errors/stream_error.h"
#include "proxy-service/convert/json/raw_arguments.h"
#include "proxy-service/convert/stop_reason.h"
#include "proxy-service/convert/usage_json.h"

namespace vdm::proxy {

StreamMessagesToChat::StreamMessagesToChat(const StreamOptions& options, JsonIndexer& indexer)
    : tool_names_(options.tool_names), indexer_(indexer), include_usage_(options.include_usage) {
  head_ = "data: {\"id\":";
  append_quoted(options.message_id, head_);
  head_.append(",\"object\":\"chat.completion.chunk\",\"created\":")
      .append(std::to_string(options.created))
      .append(",\"model\":");
  append_quoted(options.model, head_);
}

StreamStep StreamMessagesToChat::push(std::string_view event, std::string& out) {
  StreamStep step;
  if (state_ == State::Done || state_ == State::Broken) return step;
  const SseFields fields = read_sse_event(event, joined_);
  // Servers that speak Anthropic's dialect beside OpenAI's may end both in the same way.
  if (!fields.has_data || fields.data.empty() || fields.data == "[DONE]") return step;

  const bool had_content = has_content_;
  event_ = {};
  JsonWalk walk(fields.data, indexer_.index(fields.data));
  const bool is_event = read_anthropic_event(fields.data, walk, event_);
  if (event_.type.empty()) event_.type = fields.name;
  // An event named "error" is an error, whatever its data is.
  const bool failed =
      is_event && (event_.type == "error" || event_.error.present || !event_.end.failure.empty());
  if (fields.name == "error" || failed) {
    step.error = append_stream_error(Dialect::OpenAi, fields.data, {}, out);
    state_ = State::Done;
  } else if (is_event) {
    add(event_, out);
  } else {
    break_off("an event of the provider's stream is not a JSON object");
  }
  step.content_began = !had_content && has_content_;
  step.ended = state_ == State::Done && !step.error;
  step.violation = violation_;
  return step;
}

bool StreamMessagesToChat::finish(std::string& out) {
  // Some providers leave out message_stop.
  if (state_ == State::InMessage && !stop_reason_.empty()) end(out);
  return state_ == State::Done;
}

void StreamMessagesToChat::add(const MessagesEvent& event, std::string& out) {
  apply_input(event.usage, usage_);
  if (event.usage.output.value_or(0) > 0) usage_.output_tokens = *event.usage.output;

  if (event.type == "message_start") {
    begin(out);
  } else if (event.type == "content_block_start") {
    open_block(event, out);
  } else if (event.type == "content_block_delta") {
    add_delta(event, out);
  } else if (event.type == "content_block_stop") {
    close_block(event, out);
  } else if (event.type == "message_delta") {
    begin(out);
    has_usage_ = has_usage_ || event.usage.output.value_or(0) + event.usage.input.value_or(0) > 0;
    if (!event.end.word.empty()) stop_reason_ = event.end.word.substr(0, ReasonBytesMax);
  } else if (event.type == "message_stop") {
    end(out);
  }
}

void StreamMessagesToChat::begin(std::string& out) {
  if (state_ != State::Idle) return;
  state_ = State::InMessage;
  write_delta(R"("role":"assistant","content":")", "", "\"", out);
}

void StreamMessagesToChat::open_block(const MessagesEvent& event, std::string& out) {
  begin(out);
  // The client answers only tool_use blocks; the provider itself answers those of its own tools.
  if (event.part_type != "tool_use") return write_text(event, out);
  if (calls_.size() == calls_max) {
    return break_off("the provider's stream has too many tool calls");
  }
  const std::size_t number = calls_.size();
  calls_.push_back({.block = event.index});
  has_content_ = true;

  std::string name;
  append_decoded(event.name, name);
  scratch_.assign("\"tool_calls\":[{\"index\":").append(std::to_string(number));
  scratch_.append(",\"id\":\"").append(event.id);
  scratch_.append("\",\"type\":\"function\",\"function\":{\"name\":");
  append_quoted(tool_names_.original(name), scratch_);
  write_delta(scratch_, ",\"arguments\":\"", "\"}}]", out);

  add_arguments(event, out);
}

void StreamMessagesToChat::add_delta(const MessagesEvent& event, std::string& out) {
  begin(out);
  if (event.part_type != "input_json_delta") return write_text(event, out);
  add_arguments(event, out);
}

void StreamMessagesToChat::add_arguments(const MessagesEvent& event, std::string& out) {
  Call* call = call_of(event.index);
  if (call == nullptr || call->whole) return;
  if (!event.input.empty() && !call->has_arguments) {
    call->whole = true;
    return write_whole(*call, event.input, out);
  }
  if (event.arguments.empty()) return;
  call->scan.take(event.arguments);
  if (call->scan.is_object()) return write_arguments(*call, event.arguments, out);
  held_bytes_ += event.arguments.size();
  if (held_bytes_ > held_bytes_max) {
    return break_off("the provider's stream has more arguments than can be read");
  }
  call->held.append(event.arguments);
}

void StreamMessagesToChat::close_block(const MessagesEvent& event, std::string& out) {
  if (Call* call = call_of(event.index)) settle(*call, out);
}

/// Writes {} for a call without arguments: OpenAI's clients parse them, and an empty text is not
/// JSON.
void StreamMessagesToChat::settle(Call& call, std::string& out) {
  if (call.has_arguments) return;
  std::string text;
  append_decoded(call.held, text);
  write_whole(call, arguments_meant_by(text), out);
}

void StreamMessagesToChat::end(std::string& out) {
  if (!has_content_ && !has_usage_ && stop_reason_.empty()) {
    return break_off("the provider's answer was empty");
  }
  begin(out);
  for (Call& call : calls_) settle(call, out);
  if (stop_reason_.empty() && !calls_.empty()) stop_reason_ = "tool_use";
  out.append(head_)
      .append(R"(,"choices":[{"index":0,"delta":{},"finish_reason":")")
      .append(finish_reason_of(stop_reason_))
      .append(include_usage_ ? R"("}],"usage":null})" : R"("}]})")
      .append("\n\n");
  if (include_usage_) {
    out.append(head_)
        .append(R"(,"choices":[],"usage":)")
        .append(boost::json::serialize(openai_usage(usage_)))
        .append("}\n\n");
  }
  out.append("data: [DONE]\n\n");
  state_ = State::Done;
}

void StreamMessagesToChat::write_text(const MessagesEvent& event, std::string& out) {
  const std::string_view type = event.part_type;
  if (type == "text_delta" || type == "text") {
    if (event.text.empty()) return;
    has_content_ = true;
    write_delta("\"content\":\"", event.text, "\"", out);
  } else if (type == "redacted_thinking") {
    ++thoughts_;
    write_detail("reasoning.encrypted", "data", event.data, out);
  } else if (type == "thinking" || type == "thinking_delta" || type == "signature_delta") {
    if (type == "thinking") ++thoughts_;
    write_detail("reasoning.text", "text", event.text, out);
    write_detail("reasoning.text", "signature", event.signature, out);
  }
}

/// Writes thinking in two forms: as text, for clients that show it, and in OpenRouter's form, in
/// which a client can send the signatures back.
void StreamMessagesToChat::write_detail(std::string_view type, std::string_view member,
                                        std::string_view text, std::string& out) {
  if (text.empty()) return;
  has_content_ = true;
  scratch_.clear();
  if (member == "text") {
    scratch_.append("\"reasoning_content\":\"").append(text).append("\",");
  }
  scratch_.append("\"reasoning_details\":[{\"type\":\"").append(type);
  scratch_.append("\",\"").append(member).append("\":\"").append(text);
  scratch_.append("\",\"format\":\"anthropic-claude-v1\",\"index\":");
  scratch_.append(std::to_string(thoughts_ == 0 ? 0 : thoughts_ - 1));
  write_delta(scratch_, "", "}]", out);
}

void StreamMessagesToChat::write_whole(Call& call, std::string_view json, std::string& out) {
  std::string quoted;
  append_quoted(json, quoted);
  write_arguments(call, std::string_view(quoted).substr(1, quoted.size() - 2), out);
}

void StreamMessagesToChat::write_arguments(Call& call, std::string_view text, std::string& out) {
  call.has_arguments = true;
  const auto number = static_cast<std::size_t>(&call - calls_.data());
  scratch_.assign("\"tool_calls\":[{\"index\":").append(std::to_string(number));
  scratch_.append(",\"function\":{\"arguments\":\"");
  write_delta(scratch_, text, "\"}}]", out);
}

void StreamMessagesToChat::write_delta(std::string_view before, std::string_view text,
                                       std::string_view after, std::string& out) {
  out.append(head_)
      .append(R"(,"choices":[{"index":0,"delta":{)")
      .append(before)
      .append(text)
      .append(after)
      .append(include_usage_ ? "},\"finish_reason\":null}],\"usage\":null}\n\n"
                             : "},\"finish_reason\":null}]}\n\n");
}

/// The latest call whose block has that index.
StreamMessagesToChat::Call* StreamMessagesToChat::call_of(std::uint64_t block) {
  const auto found = std::ranges::find(calls_.rbegin(), calls_.rend(), block, &Call::block);
  return found == calls_.rend() ? nullptr : &*found;
}

void StreamMessagesToChat::break_off(std::string_view why) {
  state_ = State::Broken;
  violation_ = why;
}

}  // namespace vdm::proxy
