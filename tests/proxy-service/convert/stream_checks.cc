#include "tests/proxy-service/convert/stream_checks.h"

#include <utility>

#include <boost/json.hpp>

#include "common/base/sse.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

/// One stream being read; every rule that is broken ends it.
struct Reader {
  SeenStream seen;
  bool block_is_open = false;
  bool has_stop_reason = false;
  std::string head;  ///< of OpenAI's chunks: id, model and time, alike in all

  bool broken(std::string_view rule) {
    if (seen.fault.empty()) seen.fault = rule;
    return false;
  }
  bool need(bool holds, std::string_view rule) { return holds || broken(rule); }
};

std::string text_at(const json::value& value, std::string_view pointer) {
  boost::system::error_code error;
  const json::value* found = value.find_pointer(pointer, error);
  if (found == nullptr || !found->is_string()) return "<none>";
  return std::string(found->get_string());
}

std::optional<std::uint64_t> count_at(const json::value& value, std::string_view pointer) {
  boost::system::error_code error;
  const json::value* found = value.find_pointer(pointer, error);
  if (found == nullptr || !(found->is_int64() || found->is_uint64())) return std::nullopt;
  return found->to_number<std::uint64_t>();
}

bool read_anthropic_usage(Reader& reader, const json::value& data, std::string_view at) {
  const auto count = [&](std::string_view name) {
    return count_at(data, std::string(at) + "/usage/" + std::string(name));
  };
  reader.seen.input_tokens = count("input_tokens");
  reader.seen.output_tokens = count("output_tokens");
  reader.seen.cached_tokens = count("cache_read_input_tokens");
  return reader.need(reader.seen.input_tokens && reader.seen.output_tokens &&
                         reader.seen.cached_tokens && count("cache_creation_input_tokens"),
                     "usage has all its counts");
}

bool start_block(Reader& reader, const json::value& data) {
  auto& blocks = reader.seen.blocks;
  if (!reader.need(!reader.block_is_open, "a block is closed before the next")) return false;
  if (!reader.need(count_at(data, "/index") == blocks.size(), "indices have no gaps")) return false;
  SeenBlock block{.type = text_at(data, "/content_block/type")};
  if (block.type == "tool_use") {
    block.id = text_at(data, "/content_block/id");
    block.name = text_at(data, "/content_block/name");
    boost::system::error_code error;
    const auto* input = data.find_pointer("/content_block/input", error);
    if (!reader.need(input && input->is_object() && block.id != "<none>" && !block.id.empty() &&
                         block.name != "<none>" && !block.name.empty(),
                     "a tool has an id, a name and an empty input")) {
      return false;
    }
  } else if (block.type == "redacted_thinking") {
    block.text = text_at(data, "/content_block/data");
  } else if (block.type == "text" || block.type == "thinking") {
    const std::string text = text_at(data, "/content_block/" + block.type);
    if (!reader.need(text.empty(), "a block begins empty")) return false;
  } else {
    return reader.broken("a block has a known type");
  }
  blocks.push_back(block);
  return reader.block_is_open = true;
}

bool read_delta(Reader& reader, const json::value& data) {
  if (!reader.need(reader.block_is_open, "a delta has an open block")) return false;
  SeenBlock& block = reader.seen.blocks.back();
  if (!reader.need(count_at(data, "/index") == reader.seen.blocks.size() - 1,
                   "a delta is of the open block")) {
    return false;
  }
  const std::string type = text_at(data, "/delta/type");
  if (block.type == "thinking" && type == "signature_delta") {
    if (!reader.need(block.id.empty(), "a thought is signed once")) return false;
    block.id = text_at(data, "/delta/signature");
    return reader.need(block.id != "<none>", "a signature is a text");
  }
  if (!reader.need(block.type != "thinking" || block.id.empty(), "a signed thought is whole")) {
    return false;
  }
  const std::string kind = block.type == "tool_use" ? "input_json" : block.type;
  const std::string text =
      text_at(data, kind == "input_json" ? "/delta/partial_json" : "/delta/" + kind);
  block.text += text;
  return reader.need(type == kind + "_delta" && text != "<none>", "a delta fits its block");
}

bool read_anthropic_event(Reader& reader, const SseFields& fields, const json::value& data) {
  SeenStream& seen = reader.seen;
  const std::string type = text_at(data, "/type");
  if (!reader.need(type == fields.name, "an event's name is its type")) return false;
  if (!reader.need(!seen.ended && !seen.error, "nothing follows the end")) return false;
  if (type == "error") {
    seen.error = true;
    return reader.need(text_at(data, "/error/message") != "<none>", "an error has a message");
  }
  if (type == "message_start") {
    if (!reader.need(!seen.begun, "there is one message_start")) return false;
    seen.begun = true;
    if (!read_anthropic_usage(reader, data, "/message")) return false;
    return reader.need(seen.output_tokens == 0u, "a start has no output tokens");
  }
  if (!reader.need(seen.begun, "message_start comes first")) return false;
  if (!reader.need(!reader.has_stop_reason || type == "message_stop",
                   "only message_stop follows message_delta")) {
    return false;
  }
  if (type == "content_block_start") return start_block(reader, data);
  if (type == "content_block_delta") return read_delta(reader, data);
  if (type == "content_block_stop") {
    if (!reader.need(reader.block_is_open, "what is closed is open")) return false;
    reader.block_is_open = false;
    return reader.need(count_at(data, "/index") == seen.blocks.size() - 1,
                       "the open block is closed");
  }
  if (type == "message_delta") {
    reader.has_stop_reason = true;
    seen.reason = text_at(data, "/delta/stop_reason");
    if (!reader.need(!reader.block_is_open, "blocks are closed before the end")) return false;
    if (!reader.need(seen.reason != "<none>", "there is a stop_reason")) return false;
    return read_anthropic_usage(reader, data, "");
  }
  seen.ended = type == "message_stop";
  return reader.need(seen.ended && reader.has_stop_reason, "message_stop follows message_delta");
}

bool read_call(Reader& reader, const json::value& call) {
  auto& blocks = reader.seen.blocks;
  std::vector<SeenBlock*> calls;
  for (SeenBlock& block : blocks) {
    if (block.type == "tool_use") calls.push_back(&block);
  }
  const auto index = count_at(call, "/index");
  const std::string id = text_at(call, "/id");
  const std::string arguments = text_at(call, "/function/arguments");
  if (!reader.need(index && arguments != "<none>", "a call has an index and arguments")) {
    return false;
  }
  if (*index == calls.size()) {
    blocks.push_back({"tool_use", arguments, id, text_at(call, "/function/name")});
    return reader.need(
        id != "<none>" && blocks.back().name != "<none>" && text_at(call, "/type") == "function",
        "a call begins with its id, type and name");
  }
  if (!reader.need(*index < calls.size() && id == "<none>", "calls are counted from 0")) {
    return false;
  }
  calls[*index]->text += arguments;
  return true;
}

bool add_text(Reader& reader, const json::value& delta, std::string_view member,
              std::string_view type) {
  const std::string text = text_at(delta, "/" + std::string(member));
  if (text == "<none>" || text.empty()) return true;
  auto& blocks = reader.seen.blocks;
  if (blocks.empty() || blocks.back().type != type) blocks.push_back({.type = std::string(type)});
  blocks.back().text += text;
  return true;
}

bool read_details(Reader& reader, const json::value& delta) {
  const auto* details = delta.as_object().if_contains("reasoning_details");
  if (details == nullptr) return true;
  const json::value& detail = details->as_array().at(0);
  const std::string type = text_at(detail, "/type");
  const std::string text = text_at(detail, "/text");
  const std::string signature = text_at(detail, "/signature");
  if (type == "reasoning.encrypted") {
    reader.seen.blocks.push_back({.type = "redacted_thinking", .text = text_at(detail, "/data")});
  } else if (signature != "<none>" && !reader.seen.blocks.empty()) {
    reader.seen.blocks.back().id = signature;
  }
  return reader.need(count_at(detail, "/index") && text_at(detail, "/format") != "<none>" &&
                         text == text_at(delta, "/reasoning_content"),
                     "a detail has its form, and the text beside it");
}

bool read_choice(Reader& reader, const json::object& chunk) {
  SeenStream& seen = reader.seen;
  const json::value& choice = chunk.at("choices").as_array().at(0);
  if (!reader.need(count_at(choice, "/index") == 0u, "the choice is the first")) return false;
  if (!reader.need(seen.reason.empty(), "nothing follows the finish_reason")) return false;
  const json::value& delta = choice.at("delta");
  if (!std::exchange(seen.begun, true) &&
      !reader.need(text_at(delta, "/role") == "assistant", "the first chunk has the role")) {
    return false;
  }
  const std::string reason = text_at(choice, "/finish_reason");
  if (reason != "<none>") {
    seen.reason = reason;
    return reader.need(delta.as_object().empty(), "the last delta is empty");
  }
  add_text(reader, delta, "content", "text");
  add_text(reader, delta, "reasoning_content", "thinking");
  if (!read_details(reader, delta)) return false;
  if (const auto* calls = delta.as_object().if_contains("tool_calls")) {
    for (const json::value& call : calls->as_array()) {
      if (!read_call(reader, call)) return false;
    }
  }
  return true;
}

bool read_openai_chunk(Reader& reader, const json::value& data) {
  SeenStream& seen = reader.seen;
  const json::object& chunk = data.as_object();
  if (chunk.contains("error")) {
    seen.error = true;
    return reader.need(text_at(data, "/error/message") != "<none>", "an error has a message");
  }
  const std::string head = text_at(data, "/id") + text_at(data, "/model") +
                           json::serialize(chunk.at("created")) + text_at(data, "/object");
  if (reader.head.empty()) reader.head = head;
  if (!reader.need(reader.head == head, "all chunks have one head")) return false;
  if (!chunk.at("choices").as_array().empty()) return read_choice(reader, chunk);

  if (!reader.need(!seen.reason.empty() && !seen.output_tokens, "usage comes once, at the end")) {
    return false;
  }
  const auto prompt = count_at(data, "/usage/prompt_tokens");
  seen.output_tokens = count_at(data, "/usage/completion_tokens");
  seen.cached_tokens = count_at(data, "/usage/prompt_tokens_details/cached_tokens");
  const auto written = count_at(data, "/usage/prompt_tokens_details/cache_write_tokens");
  if (!reader.need(prompt && seen.output_tokens && seen.cached_tokens &&
                       *prompt >= *seen.cached_tokens + written.value_or(0),
                   "usage adds up")) {
    return false;
  }
  seen.input_tokens = *prompt - *seen.cached_tokens - written.value_or(0);
  return true;
}

/// A provider may cut a pair of surrogates in two, and its halves pass through; only
/// Boost.JSON minds. So halves are looked at as if they were spaces.
json::value parse(std::string_view data, boost::system::error_code& error) {
  const json::value value = json::parse(data, error);
  if (!error) return value;
  std::string text(data);
  for (std::size_t at = text.find('\\'); at < text.size() - 1; at = text.find('\\', at + 2)) {
    const bool is_half = text[at + 1] == 'u' && at + 6 <= text.size() &&
                         (text[at + 2] == 'd' || text[at + 2] == 'D') && text[at + 3] > '7';
    if (is_half) text.replace(at + 2, 4, "0020");
  }
  error.clear();
  return json::parse(text, error);
}

template <class ReadEvent>
SeenStream read_stream(std::string_view text, ReadEvent&& read) {
  Reader reader;
  SseFramer framer(1 << 24);
  std::string joined;
  while (!text.empty()) {
    const auto size = framer.next(text);
    if (!reader.need(size && *size > 0, "events are whole")) break;
    const SseFields fields = read_sse_event(text.substr(0, *size), joined);
    text.remove_prefix(*size);
    if (!reader.need(fields.has_data && !reader.seen.ended && !reader.seen.error,
                     "nothing follows the end")) {
      break;
    }
    if (fields.data == "[DONE]" && fields.name.empty()) {
      reader.seen.ended = true;
      if (reader.need(!reader.seen.reason.empty(), "[DONE] follows a finish_reason")) continue;
      break;
    }
    boost::system::error_code error;
    const json::value data = parse(fields.data, error);
    if (!reader.need(!error && data.is_object(), "data is one JSON object")) break;
    if (!read(reader, fields, data)) break;
  }
  return reader.seen;
}

}  // namespace

std::string SeenStream::content() const {
  std::string all;
  for (const SeenBlock& block : blocks) {
    if (!all.empty()) all += ' ';
    all += block.type + ':' + block.name + block.text;
  }
  return all;
}

SeenStream read_anthropic_stream(std::string_view text) {
  return read_stream(text, [](Reader& reader, const SseFields& fields, const json::value& data) {
    return read_anthropic_event(reader, fields, data);
  });
}

SeenStream read_openai_stream(std::string_view text) {
  return read_stream(text, [](Reader& reader, const SseFields&, const json::value& data) {
    return read_openai_chunk(reader, data);
  });
}

}  // namespace vdm::proxy
