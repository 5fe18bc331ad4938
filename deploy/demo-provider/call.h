#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "common/base/result.h"

namespace vdm::demo {

namespace json = boost::json;

enum class Dialect { OpenAi, Anthropic };
enum class ToolChoice { Auto, Never, Any, Named };

struct Tool {
  std::string name;
  json::object schema;
};

/// What a request asks for, as far as the demo provider uses it. Pure data.
struct Call {
  Dialect dialect = Dialect::OpenAi;
  std::string model;
  bool stream = false;
  bool include_usage = false;  ///< OpenAI: the client wants the last chunk with usage
  bool thinking = false;
  bool parallel_tools = true;
  std::uint64_t max_tokens = 4096;
  std::string asked;        ///< the text of the last user message that has one
  std::string tool_result;  ///< the last message's text, if that is a tool result
  std::vector<Tool> tools;
  ToolChoice tool_choice = ToolChoice::Auto;
  std::string named_tool;
  std::uint64_t input_tokens = 0;   ///< all of the prompt
  std::uint64_t prefix_tokens = 0;  ///< of system and tools, the part that a cache keeps
  std::string prefix;               ///< the text of that part, to tell prefixes apart
  bool cache_asked = false;         ///< Anthropic: the request has a cache_control
};

/// Reads a request body. Pure. Errors name the field, as the real providers do.
Result<Call> read_call(Dialect dialect, std::string_view body);

}  // namespace vdm::demo
