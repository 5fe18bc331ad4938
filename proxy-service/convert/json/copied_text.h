#pragma once

#include <string_view>

#include "proxy-service/body/json_walk.h"

namespace vdm::proxy {

/// Reads the next value, a string, as it stands between its quotes. The caller can copy it into
/// other JSON without decoding and encoding it, because escapes mean the same in every JSON text.
/// An empty string or another kind of value leaves `text` unchanged. False when an escape is
/// illegal.
bool read_copied_text(JsonWalk& walk, std::string_view& text);

/// Reads the next value, of any kind, as a view of its JSON in `json`, the walk's text.
bool read_raw(JsonWalk& walk, std::string_view json, std::string_view& raw);

}  // namespace vdm::proxy
