#include "proxy-service/convert/messages/assembled_message.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/raw_arguments.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

std::uint64_t block_index(const json::object& event) {
  const json::value* index = find(event, "index");
  return index != nullptr && index->is_int64() ? static_cast<std::uint64_t>(index->get_int64()) : 0;
}

void append_member(json::object& block, std::string_view name, std::string_view text) {
  json::value& member = block[name];
  if (!member.is_string()) member = json::string();
  member.get_string().append(text);
}

/// The block that a delta would belong to, for a server that leaves out its start.
json::object block_for(std::string_view delta) {
  json::object block;
  if (delta == "thinking_delta" || delta == "signature_delta") {
    block.emplace("type", "thinking");
    block.emplace("thinking", "");
    block.emplace("signature", "");
  } else {
    block.emplace("type", "text");
    block.emplace("text", "");
  }
  return block;
}

}  // namespace

bool AssembledMessage::take(const json::object& event) {
  const std::string_view type = find_text(event, "type");
  if (type == "error") {
    message_ = event;
    blocks_.clear();
    ended_ = true;
  } else if (type == "message_start") {
    if (const json::object* message = find_object(event, "message")) message_ = *message;
  } else if (type == "content_block_start") {
    open(event);
  } else if (type == "content_block_delta") {
    add_delta(event);
  } else if (type == "message_delta") {
    add_end(event);
  } else if (type == "message_stop") {
    ended_ = true;
  }
  return !ended_;
}

void AssembledMessage::open(const json::object& event) {
  const json::object* content = find_object(event, "content_block");
  if (content == nullptr || blocks_.size() == blocks_max) return;
  blocks_.push_back({.index = block_index(event), .content = *content});
}

AssembledMessage::Block* AssembledMessage::block_of(const json::object& event) {
  const auto found =
      std::ranges::find(blocks_.rbegin(), blocks_.rend(), block_index(event), &Block::index);
  return found == blocks_.rend() ? nullptr : &*found;
}

void AssembledMessage::add_delta(const json::object& event) {
  const json::object* delta = find_object(event, "delta");
  if (delta == nullptr) return;
  const std::string_view type = find_text(*delta, "type");
  Block* block = block_of(event);
  if (block == nullptr) {
    if (blocks_.size() == blocks_max || type == "input_json_delta") return;
    block = &blocks_.emplace_back(Block{.index = block_index(event), .content = block_for(type)});
  }
  if (type == "text_delta") {
    append_member(block->content, "text", find_text(*delta, "text"));
  } else if (type == "thinking_delta") {
    append_member(block->content, "thinking", find_text(*delta, "thinking"));
  } else if (type == "signature_delta") {
    append_member(block->content, "signature", find_text(*delta, "signature"));
  } else if (type == "input_json_delta") {
    const json::object* whole = find_object(*delta, "partial_json");
    if (whole != nullptr) block->content["input"] = *whole;
    block->input.append(find_text(*delta, "partial_json"));
  } else if (type == "citations_delta") {
    json::value& citations = block->content["citations"];
    if (!citations.is_array()) citations = json::array();
    if (const json::value* one = find(*delta, "citation")) citations.get_array().push_back(*one);
  }
}

void AssembledMessage::add_end(const json::object& event) {
  if (const json::object* delta = find_object(event, "delta")) {
    for (const auto& [name, value] : *delta) message_[name] = value;
  }
  const json::object* usage = find_object(event, "usage");
  if (usage == nullptr) return;
  json::value& known = message_["usage"];
  if (!known.is_object()) known = json::object();
  for (const auto& [name, value] : *usage) known.get_object()[name] = value;
}

Result<json::object> AssembledMessage::take_answer() && {
  if (find_text(message_, "type") == "error") return std::move(message_);
  if (!ended_ && find_text(message_, "stop_reason").empty()) {
    return Error{ErrorKind::UpstreamRejected, "the provider's stream ended before it was complete"};
  }
  json::array content;
  for (Block& block : blocks_) {
    if (!block.input.empty()) block.content["input"] = arguments_object(block.input);
    content.emplace_back(std::move(block.content));
  }
  message_["content"] = std::move(content);
  return std::move(message_);
}

}  // namespace vdm::proxy
