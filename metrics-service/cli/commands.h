#pragma once

#include <ostream>

#include "metrics-service/cli/client.h"
#include "metrics-service/cli/interrupt.h"
#include "metrics-service/cli/options.h"
#include "metrics-service/cli/table.h"

namespace vdm::cli {

/// Where a command speaks, and whether that is a terminal with colours.
struct Streams {
  std::ostream& out;
  std::ostream& faults;
  bool is_terminal = false;
  Colour colour = Colour::Never;
};

/// Says why it ends, where faults are said, and returns the exit code.
int end_with(const Ending& ending, const Streams& streams);

/// Runs what was asked for and returns the exit code.
int run(const Options& options, Client& client, Interrupt& interrupt, const Streams& streams);

}  // namespace vdm::cli
