#include "proxy-service/convert/messages/event_writer.h"

#include <cassert>

#include <boost/json/serialize.hpp>

#include "proxy-service/body/json_text.h"
#include "proxy-service/convert/usage_json.h"

namespace vdm::proxy {
namespace {

void append_usage(const Usage& usage, std::string& out) {
  out.append("\"usage\":").append(boost::json::serialize(anthropic_usage(usage)));
}

}  // namespace

void MessagesWriter::start(const StreamOptions& options, const Usage& usage, std::string& out) {
  out.append("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":");
  append_quoted(options.message_id, out);
  out.append(",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
  append_quoted(options.model, out);
  out.append(",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,");
  Usage at_start = usage;
  at_start.output_tokens = at_start.reasoning_tokens = 0;
  append_usage(at_start, out);
  out.append("}}\n\n");
}

void MessagesWriter::open_with(std::string_view content_block, std::string_view delta,
                               std::string& out) {
  assert(open_ == Block::None && "the block before has been closed");
  const std::string index = std::to_string(next_index_++);
  out.append("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":")
      .append(index)
      .append(",\"content_block\":")
      .append(content_block)
      .append("}\n\n");
  delta_head_
      .assign("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
      .append(index)
      .append(",\"delta\":{\"type\":")
      .append(delta)
      .append(":\"");
}

void MessagesWriter::open(Block kind, std::string& out) {
  assert((kind == Block::Text || kind == Block::Thinking) && "a tool has a name");
  close(out);
  if (kind == Block::Text) {
    open_with(R"({"type":"text","text":""})", R"("text_delta","text")", out);
  } else {
    open_with(R"({"type":"thinking","thinking":"","signature":""})",
              R"("thinking_delta","thinking")", out);
  }
  open_ = kind;
}

void MessagesWriter::open_tool(std::string_view id, std::string_view name, std::string& out) {
  close(out);
  std::string block = R"({"type":"tool_use","id":")";
  block.append(id).append("\",\"name\":");
  append_quoted(name, block);
  open_with(block.append(",\"input\":{}}"), R"("input_json_delta","partial_json")", out);
  open_ = Block::Tool;
}

void MessagesWriter::delta(std::string_view text, std::string& out) {
  assert(open_ != Block::None && "a delta belongs to an open block");
  out.append(delta_head_).append(text).append("\"}}\n\n");
}

void MessagesWriter::sign(std::string_view signature, std::string& out) {
  assert(open_ == Block::Thinking && "only thinking is signed");
  out.append("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
      .append(std::to_string(next_index_ - 1))
      .append(R"(,"delta":{"type":"signature_delta","signature":")")
      .append(signature)
      .append("\"}}\n\n");
  close(out);
}

void MessagesWriter::redacted(std::string_view data, std::string& out) {
  close(out);
  std::string block = R"({"type":"redacted_thinking","data":")";
  open_with(block.append(data).append("\"}"), "\"\"", out);
  open_ = Block::Thinking;
  close(out);
}

void MessagesWriter::close(std::string& out) {
  if (open_ == Block::None) return;
  open_ = Block::None;
  out.append("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":")
      .append(std::to_string(next_index_ - 1))
      .append("}\n\n");
}

void MessagesWriter::end(std::string_view stop_reason, const Usage& usage, std::string& out) {
  close(out);
  out.append(
         "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"")
      .append(stop_reason)
      .append("\",\"stop_sequence\":null},");
  append_usage(usage, out);
  out.append("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

}  // namespace vdm::proxy
