#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace vdm::proxy::golden {

/// The golden cases of a folder in tests/golden/convert. Its cases.json says of each
/// which ways it is converted and with what; a case is one file in each dialect.

enum class Direction { ToOpenAi, ToAnthropic };

struct Case {
  std::string name{};
  std::vector<Direction> directions{};
  bool round_trip = false;  ///< Anthropic to OpenAI and back is the same again
  bool one_way = false;     ///< what OpenAI was told does not come back by its own dialect
  std::string refused{};    ///< the message it is refused with; there is no other file then
  boost::json::object options{};
};

std::vector<Case> cases(std::string_view folder);

/// tests/golden/convert/<folder>/<name>.{anthropic,openai}.json
boost::json::object read(std::string_view folder, std::string_view name, std::string_view dialect);

/// JSON a line a member, so that two texts that differ show where.
std::string pretty(const boost::json::value& value);

}  // namespace vdm::proxy::golden
