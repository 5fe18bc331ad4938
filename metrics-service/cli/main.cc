#include <csignal>
#include <iostream>
#include <variant>

#include <unistd.h>

#include "common/base/env.h"
#include "common/base/log.h"
#include "metrics-service/cli/events/client.h"
#include "metrics-service/cli/events/commands.h"
#include "metrics-service/cli/events/interrupt.h"
#include "metrics-service/cli/local/local_commands.h"
#include "metrics-service/cli/options/command_line.h"

int main(int argc, char** argv) {
  using namespace vdm;
  const Env env = Env::of_process();
  const auto parsed = cli::parse_command_line(argc, argv, env);
  if (const auto* result = std::get_if<cli::CommandResult>(&parsed)) {
    (result->code == cli::Done ? std::cout : std::cerr) << result->text << std::flush;
    return result->code;
  }
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  const bool colours = is_terminal && !env.get("NO_COLOR") && env.get("TERM") != "dumb";
  const cli::Streams streams{.out = std::cout,
                             .err = std::cerr,
                             .is_terminal = is_terminal,
                             .colour = colours ? cli::Colour::Always : cli::Colour::Never};

  // Local commands run first: a program they start would inherit blocked or ignored signals.
  if (const auto* local = std::get_if<cli::LocalOptions>(&parsed)) {
    return cli::run_local(*local, env, streams);
  }
  log::configure(log::Level::Error, "vdm");
  std::signal(SIGPIPE, SIG_IGN);  // a reader that closes the pipe then shows as a failed write
  cli::Interrupt interrupt;
  const auto& options = std::get<cli::Options>(parsed);
  cli::Client client(options);
  return cli::run(options, client, interrupt, streams);
}
