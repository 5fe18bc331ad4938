#include "metrics-service/cli/local/local_commands.h"

#include <cstring>

#include <unistd.h>

#include "common/base/host_port.h"
#include "common/base/percent.h"
#include "common/http_client/http_call.h"
#include "metrics-service/cli/gateway/listed_aliases.h"
#include "metrics-service/cli/launch/claude.h"
#include "metrics-service/cli/launch/claude_models.h"
#include "metrics-service/cli/launch/programs.h"
#include "metrics-service/cli/launch/service_config.h"
#include "metrics-service/cli/launch/services.h"
#include "metrics-service/cli/local/gateway_commands.h"
#include "metrics-service/cli/setup/config_check.h"
#include "metrics-service/cli/setup/init.h"

namespace vdm::cli {
namespace {

std::string dashboard(const HostPort& metrics) {
  return "http://" + authority(metrics) + "/dashboard/";
}

/// The body of the proxy's answer to an Anthropic client; empty when it gives none in time. Claude
/// Code starts without it.
std::string answer_of(const HostPort& proxy, const std::string& target, const Env& env) {
  const auto answer = http_call(proxy, {.target = target,
                                        .key = Secret(env.get("PROXY_API_KEY").value_or("")),
                                        .headers = {{"anthropic-version", "2023-06-01"}}});
  return answer && answer->status == 200 ? answer->body : std::string();
}

/// Asks the proxy for its aliases, and for who answers the model that Claude Code starts with. The
/// proxy knows both without asking a provider.
ClaudeModels models_for_claude(const HostPort& proxy, const LocalOptions& options, const Env& env) {
  ClaudeModels models{.aliases = listed_aliases(answer_of(proxy, "/v1/models?aliases=only", env)),
                      .start = start_model(options.claude_arguments, env)};
  if (!models.start.empty()) {
    const std::string target = "/v1/facts?model=" + percent_encoded(models.start);
    models.answering = answering_model(answer_of(proxy, target, env));
  }
  return models;
}

int claude(const LocalOptions& options, const ServiceCalls& calls, const Streams& streams) {
  const auto program = find_on_path("claude", calls.env);
  if (program.empty()) {
    return end_with({Unreachable,
                     "vdm: claude is not on PATH; npm install -g @anthropic-ai/claude-code "
                     "installs it\n"},
                    streams);
  }
  const auto running = bring_up(calls);
  if (const auto* result = std::get_if<CommandResult>(&running)) return end_with(*result, streams);
  const auto& services = std::get<RunningServices>(running);
  auto changes = claude_environment(services.proxy, services.facts, calls.env);
  if (const auto* result = std::get_if<CommandResult>(&changes)) return end_with(*result, streams);
  const ClaudeModels models = models_for_claude(services.proxy, options, calls.env);
  const ModelChanges named =
      model_environment(models, has_login_alone(services.facts, calls.env), calls.env);
  std::get<Changes>(changes).insert(named.changes.begin(), named.changes.end());
  if (services.metrics) {
    streams.err << "vdm: the dashboard is at " << dashboard(*services.metrics) << std::endl;
  } else {
    streams.err << "vdm: no dashboard, as LOG_REQUEST_METRICS is false" << std::endl;
  }
  if (services.facts.passes_claudes_own()) {
    streams.err << "vdm: Claude Code's own login or key is passed on; `vdm init` sets keys for all"
                << std::endl;
  }
  for (const std::string& notice : named.notices) streams.err << "vdm: " << notice << std::endl;
  const int fault = become_program(program, options.claude_arguments, std::get<Changes>(changes));
  return end_with({Failed, "vdm: " + program.string() + ": " + std::strerror(fault) + "\n"},
                  streams);
}

int up(const ServiceCalls& calls, const Streams& streams) {
  const auto running = bring_up(calls);
  if (const auto* result = std::get_if<CommandResult>(&running)) return end_with(*result, streams);
  const auto& services = std::get<RunningServices>(running);
  streams.out << "proxy      http://" << authority(services.proxy) << "\n";
  if (services.metrics) streams.out << "dashboard  " << dashboard(*services.metrics) << "\n";
  streams.out << "logs       " << calls.folder.string() << "\n";
  return Done;
}

int print_new_key(const NewKey& wanted, const Streams& streams) {
  const auto text = new_key_text(wanted, random_key());
  if (!text) return end_with({WrongUsage, "vdm: " + text.error().message + "\n"}, streams);
  streams.out << *text;
  return Done;
}

int write_config(const LocalOptions& options, const ServiceCalls& calls, const Streams& streams) {
  const auto file = calls.config_file.empty() ? user_config_file(calls.env) : calls.config_file;
  if (file.empty()) {
    return end_with({WrongUsage, "vdm: expected HOME in the environment, or --config\n"}, streams);
  }
  Questions questions(STDIN_FILENO);
  return init(options.init, calls, file, questions, streams.out, streams.err);
}

}  // namespace

int run_local(const LocalOptions& options, const Env& env, const Streams& streams) {
  if (options.command == LocalCommand::NewKey) return print_new_key(options.new_key, streams);
  const auto calls = service_calls(env, options.config_file);
  if (!calls) return end_with({Failed, "vdm: " + calls.error().message + "\n"}, streams);
  switch (options.command) {
    case LocalCommand::Claude:
      return claude(options, *calls, streams);
    case LocalCommand::Up:
      return up(*calls, streams);
    case LocalCommand::Down:
      return bring_down(*calls, options.now ? Shutdown::EndNow : Shutdown::FinishRequests,
                        streams.out, streams.err);
    case LocalCommand::ConfigCheck:
      return config_check(*calls, options.show ? CheckDepth::EverySource : CheckDepth::Errors,
                          streams.out, streams.err, streams.colour);
    case LocalCommand::Models:
      return list_models(options, *calls, streams);
    case LocalCommand::Test:
      return test_provider(options, *calls, streams);
    case LocalCommand::Init:
      return write_config(options, *calls, streams);
    case LocalCommand::NewKey:
      break;  // printed above: it needs no service
  }
  return WrongUsage;
}

}  // namespace vdm::cli
