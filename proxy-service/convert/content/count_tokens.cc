#include "proxy-service/convert/content/count_tokens.h"

#include <algorithm>

#include "proxy-service/convert/content/image_size.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

/// The counter adds up twelfths of a token and rounds up once, at the end.
constexpr std::uint64_t Twelfths = 12;
constexpr std::uint64_t ImageTokens = 1600;
constexpr std::uint64_t ToolsTokens = 346;
constexpr std::uint64_t ToolTokens = 8;
constexpr std::uint64_t CallTokens = 8;
constexpr std::uint64_t MessageTokens = 3;

std::uint64_t twelfths_of(unsigned char c, bool after_blank) {
  if (c == ' ') return after_blank ? 1 : 3;
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return 3;
  if (c < 0x80) return 6;
  if (c < 0xC0) return 0;  // the character's first byte has counted it
  if (c < 0xE0) return 6;
  return c < 0xF0 ? 12 : 24;
}

std::uint64_t twelfths_in(std::string_view text) {
  std::uint64_t sum = 0;
  bool after_blank = false;
  for (const char c : text) {
    sum += twelfths_of(static_cast<unsigned char>(c), after_blank);
    after_blank = c == ' ';
  }
  return sum;
}

/// The same of a text as it stands in JSON, by its beginning if it is long.
std::uint64_t twelfths_in_long(std::string_view text) {
  constexpr std::size_t CountedBytes = 64 * 1024;
  const std::uint64_t counted = twelfths_in(text.substr(0, CountedBytes));
  if (text.size() <= CountedBytes) return counted;
  return static_cast<std::uint64_t>(static_cast<double>(counted) *
                                    (static_cast<double>(text.size()) / CountedBytes));
}

/// Anthropic's formula, applied after Anthropic's scaling down.
std::uint64_t tokens_of(ImageSize size) {
  constexpr double LongerSideMax = 1568;
  const double longer = std::max<double>({1, double(size.width), double(size.height)});
  const double scale = std::min(1.0, LongerSideMax / longer);
  const double pixels = size.width * scale * size.height * scale;
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(pixels / 750) + 1, 1, ImageTokens);
}

class Counter {
 public:
  explicit Counter(const ThinnedJson* thinned) : thinned_(thinned) {}

  void add_text(std::string_view text) {
    twelfths_ += twelfths_in(text);
    if (thinned_ == nullptr) return;
    thinned_->for_each_in(text, [this](const ThinnedJson::Aside& aside) {
      twelfths_ += twelfths_in_long(aside.raw);
    });
  }
  void add_tokens(std::uint64_t tokens) { twelfths_ += tokens * Twelfths; }

  /// Counts content: a string or an array of blocks. It ignores anything else.
  void add_content(const json::value& content) {
    if (const json::string* text = content.if_string()) return add_text(*text);
    const json::array* blocks = content.if_array();
    if (blocks == nullptr) return;
    for (const json::value& block : *blocks) {
      if (const json::object* object = block.if_object()) add_block(*object);
    }
  }

  void add_tool(const json::object& tool) {
    add_tokens(ToolTokens);
    for (const std::string_view name : {"name", "description"}) add_text(find_text(tool, name));
    if (const json::value* schema = find(tool, "input_schema")) add_text(json_text(*schema));
  }

  std::uint64_t tokens() const { return (twelfths_ + Twelfths - 1) / Twelfths; }

 private:
  void add_block(const json::object& block) {
    const std::string_view type = find_text(block, "type");
    if (type == "image") return add_image(block);
    if (type == "document") return add_document(block);
    if (type == "tool_use" || type == "tool_result") add_tokens(CallTokens);
    // Anthropic does not count the thinking of earlier turns, and other targets never receive it.
    if (type == "thinking" || type == "redacted_thinking") return;
    for (const std::string_view name : {"text", "name", "title", "source", "tool_name"}) {
      add_text(find_text(block, name));
    }
    if (const json::value* input = find(block, "input")) add_text(json_text(*input));
    if (const json::value* content = find(block, "content")) add_content(*content);
  }

  void add_image(const json::object& block) {
    const json::object* source = find_object(block, "source");
    const auto size = source == nullptr ? std::nullopt : image_size(find_text(*source, "data"));
    add_tokens(size ? tokens_of(*size) : ImageTokens);
  }

  void add_document(const json::object& block) {
    constexpr std::uint64_t PageTokens = 2000;
    constexpr std::uint64_t PageBytes = 50'000;
    for (const std::string_view name : {"title", "context"}) add_text(find_text(block, name));
    const json::object* source = find_object(block, "source");
    if (source == nullptr) return;
    const std::string_view data = find_text(*source, "data");
    if (find_text(*source, "type") == "text") return add_text(data);
    if (const json::value* content = find(*source, "content")) return add_content(*content);
    std::uint64_t size = data.size();
    if (thinned_ != nullptr) {
      thinned_->for_each_in(data, [&size](const auto& aside) { size += aside.raw.size(); });
    }
    const std::uint64_t bytes = size / 4 * 3;
    add_tokens((bytes / PageBytes + 1) * PageTokens);
  }

  const ThinnedJson* const thinned_;
  std::uint64_t twelfths_ = 0;
};

}  // namespace

std::uint64_t estimate_text_tokens(std::string_view text) {
  return (twelfths_in(text) + Twelfths - 1) / Twelfths;
}

std::uint64_t estimate_input_tokens(const json::object& request, const ThinnedJson* thinned) {
  Counter counter(thinned);
  if (const json::value* system = find(request, "system")) {
    counter.add_tokens(MessageTokens);
    counter.add_content(*system);
  }
  if (const json::array* messages = find_array(request, "messages")) {
    for (const json::value& message : *messages) {
      counter.add_tokens(MessageTokens);
      const json::object* object = message.if_object();
      const json::value* content = object == nullptr ? nullptr : find(*object, "content");
      if (content != nullptr) counter.add_content(*content);
    }
  }
  if (const json::array* tools = find_array(request, "tools");
      tools != nullptr && !tools->empty()) {
    counter.add_tokens(ToolsTokens);
    for (const json::value& tool : *tools) {
      if (const json::object* object = tool.if_object()) counter.add_tool(*object);
    }
  }
  return std::max<std::uint64_t>(counter.tokens(), 1);
}

}  // namespace vdm::proxy
