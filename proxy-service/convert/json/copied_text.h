#pragma once

#include <string_view>

#include "proxy-service/body/json_walk.h"

namespace vdm::proxy {

/// Reads a string ahead that is to be copied as it stands between its quotes, which
/// saves decoding and encoding it: the same escapes mean the same in every JSON
/// text. What is no string, or an empty one, leaves `text` as it was. False when an
/// escape is none.
bool read_copied_text(JsonWalk& walk, std::string_view& text);

/// Reads any value ahead as the JSON it is, taken from `json`, the walk's text.
bool read_raw(JsonWalk& walk, std::string_view json, std::string_view& raw);

}  // namespace vdm::proxy
