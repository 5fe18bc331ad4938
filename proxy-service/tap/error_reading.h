#pragma once

#include <string_view>

#include "proxy-service/body/json_walk.h"

namespace vdm::proxy {

/// An error that a provider tells in an answer, as views of its JSON (escaped). Pure.
struct ErrorReading {
  bool present = false;
  std::string_view type;  ///< or the code, when there is no type
  std::string_view message;
};

/// Reads what comes next in the walk: {"type": …, "message": …}, or just a text, as small servers
/// send it, or a list of either. Any other value, such as null, is no error, and neither is one in
/// which nothing is said: some servers send such with every good chunk.
bool read_error(JsonWalk& walk, ErrorReading& error);

}  // namespace vdm::proxy
