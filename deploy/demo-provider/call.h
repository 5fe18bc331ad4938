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

/// What a request asks for, as far as the demo provider cares. Pure data.
struct Call {
  Dialect dialect = Dialect::OpenAi;
  std::string model;
  bool stream = false;
  bool include_usage = false;  ///< OpenAI: the trailing usage chunk was asked for
  bool thinking = false;
  bool parallel_tools = true;
  std::uint64_t max_tokens = 4096;
  std::string asked;        ///< the last thing the user said
  std::string tool_result;  ///< of the last message, when it is one
  std::vector<Tool> tools;
  ToolChoice tool_choice = ToolChoice::Auto;
  std::string named_tool;
  std::uint64_t input_tokens = 0;   ///< all of the prompt
  std::uint64_t prefix_tokens = 0;  ///< of system and tools: what a cache would keep
  std::string prefix;               ///< its text, to tell prefixes apart
  bool cache_asked = false;         ///< Anthropic: there is a cache_control somewhere
};

/// Reads a request body. Pure. Errors name the field, as the real providers do.
Result<Call> read_call(Dialect dialect, std::string_view body);

}  // namespace vdm::demo
