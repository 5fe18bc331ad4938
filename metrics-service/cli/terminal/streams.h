#pragma once

#include <ostream>

#include "metrics-service/cli/terminal/command_result.h"
#include "metrics-service/cli/terminal/table.h"

namespace vdm::cli {

/// Where a command writes, and whether that is a terminal with colours.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool is_terminal = false;
  Colour colour = Colour::Never;
};

/// Writes the result's text and returns the exit code.
inline int end_with(const CommandResult& result, const Streams& streams) {
  streams.err << result.text << std::flush;
  return result.code;
}

}  // namespace vdm::cli
