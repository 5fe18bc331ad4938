#include "metrics-service/cli/launch/services.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/host_port.h"
#include "common/http_client/http_call.h"
#include "metrics-service/cli/launch/child.h"
#include "metrics-service/cli/launch/pid_file.h"
#include "metrics-service/cli/terminal/table.h"

namespace vdm::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto ReadyWithin = 30s;
constexpr auto AskEvery = 50ms;
constexpr auto DrainedWithin = 345s;  // the proxy drains for 330 s, then ends
constexpr auto SayAfter = 3s;

/// One of our services: what distinguishes the two.
struct Service {
  std::string_view name;
  std::string_view host;  ///< names of the settings that hold its address
  std::string_view port;
};
constexpr Service Metrics{"vdm-metrics", "VDM_METRICS_HOST", "VDM_METRICS_PORT"};
constexpr Service Proxy{"vdm-proxy", "HOST", "PORT"};

enum class Presence { Nobody, SomethingElse, NotReady, Ready };

struct Seen {
  Presence presence = Presence::Nobody;
  std::string health{};
};

/// `key` is for the proxy, which tells the rest of its health to who shows it.
Seen look_at(const Service& service, const HostPort& at, const Secret& key) {
  const auto health = http_call(at, {.target = "/health", .timeout = 2s});
  if (!health) {
    if (health.error().kind == ErrorKind::NotFound) return {Presence::Nobody};
    // On a busy machine the service may merely be slow to answer.
    const bool late = health.error().kind == ErrorKind::UpstreamTimeout;
    return {late ? Presence::NotReady : Presence::SomethingElse};
  }
  const bool ours = service.name == Proxy.name ? read_gateway_facts(health->body).has_value()
                                               : is_metrics_health(health->body);
  if (!ours) return {Presence::SomethingElse};
  const auto ready = http_call(at, {.target = "/health/ready", .timeout = 2s});
  if (!ready || ready->status != 200) return {Presence::NotReady, health->body};
  if (key.empty() || service.name != Proxy.name) return {Presence::Ready, health->body};
  // Once, when it is ready: a wrong key is a guess, and they are counted.
  const auto all = http_call(at, {.target = "/health", .key = key, .timeout = 2s});
  return {Presence::Ready, all && all->status == 200 ? all->body : health->body};
}

/// A lock: only one vdm at a time starts and ends services.
class LaunchLock {
 public:
  explicit LaunchLock(const fs::path& folder)
      : fd_(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~LaunchLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  LaunchLock(const LaunchLock&) = delete;
  LaunchLock& operator=(const LaunchLock&) = delete;

 private:
  int fd_;
};

fs::path file_of(const ServiceCalls& calls, const Service& service, std::string_view result) {
  return calls.folder / (std::string(service.name) + std::string(result));
}

/// The line with which a service reported its error before it exited.
std::string last_words(const fs::path& log, const Service& service) {
  constexpr std::streamoff TailBytes = 64 * 1024;
  std::ifstream file(log, std::ios::binary | std::ios::ate);
  file.seekg(std::max<std::streamoff>(0, static_cast<std::streamoff>(file.tellg()) - TailBytes));
  const std::string begin = std::string(service.name) + ": ";
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(begin) || !last.starts_with(begin)) last = line;
  }
  return last.empty() ? begin + "it said nothing" : printable(last);
}

/// The environment of a service that vdm starts. Unless the user has set a token of their own, both
/// services share a file beside their logs: the metrics service makes it. What a proxy could not
/// report before it ended waits there, too.
Variables environment_of(const ServiceCalls& calls, const ServiceConfig& config) {
  Variables variables = calls.env.all();
  if (!config.has_ingest_token()) {
    variables["VDM_INGEST_TOKEN_FILE"] = (calls.folder / "ingest-token").string();
  }
  if (!config.is_set("VDM_SPOOL_DIR")) {
    variables["VDM_SPOOL_DIR"] = (calls.folder / "spool").string();
  }
  return variables;
}

/// Starts the service with a fresh log; the previous log is kept.
Result<ProcessId> start(const ServiceCalls& calls, const Service& service,
                        const ServiceConfig& config) {
  const auto command = calls.command(service.name, "");
  if (!command) return command.error();
  const fs::path log = file_of(calls, service, ".log");
  std::error_code absent;
  fs::rename(log, log.string() + ".1", absent);
  const auto pid = start_detached(*command, environment_of(calls, config), calls.folder, log);
  if (!pid) return pid.error();
  const auto process = identify(*pid);
  if (!process) return Error{ErrorKind::Internal, last_words(log, service)};
  if (!write_pid_file(file_of(calls, service, ".pid"), *process)) {
    return Error{ErrorKind::Internal, "cannot write in " + calls.folder.string()};
  }
  return *process;
}

CommandResult error_of(const ServiceConfig& config) {
  if (config.lacks_a_provider()) {
    return {WrongUsage,
            "vdm: no provider key is set; run `vdm init`, or export ANTHROPIC_API_KEY\n"};
  }
  std::string text;
  for (const std::string& error : config.errors) text.append(printable(error)).append("\n");
  return {WrongUsage, text};
}

CommandResult port_is_taken(const Service& service, const HostPort& at) {
  return {Failed, "vdm: port " + std::to_string(at.port) + " of " + at.host +
                      " is used by something that is no " + std::string(service.name) +
                      ", or one that does not become ready; end it, or set " +
                      std::string(service.port) + "\n"};
}

bool reports_to_metrics(const ServiceConfig& config) {
  const auto enabled = parse_bool("", config.value_of("LOG_REQUEST_METRICS"));
  return !enabled || *enabled;
}

/// Starts one service unless it runs, and waits until it is ready. Returns its answer to GET
/// /health.
std::variant<std::string, CommandResult> make_ready(const ServiceCalls& calls,
                                                    const Service& service,
                                                    const ServiceConfig& config,
                                                    const HostPort& at) {
  const SystemClock clock;
  const Secret key(calls.env.get("PROXY_API_KEY").value_or(""));
  const auto end = clock.monotonic() + ReadyWithin;
  std::optional<ProcessId> started;
  for (; clock.monotonic() < end; std::this_thread::sleep_for(AskEvery)) {
    const Seen seen = look_at(service, at, key);
    if (seen.presence == Presence::Ready) return seen.health;
    // A service that we started ends by itself when the port is taken.
    if (!started && seen.presence == Presence::SomethingElse) return port_is_taken(service, at);
    if (started && identify(started->pid) != started) {
      return CommandResult{Failed, last_words(file_of(calls, service, ".log"), service) + "\n"};
    }
    if (started || seen.presence != Presence::Nobody) continue;
    if (!config.errors.empty()) return error_of(config);
    const auto process = start(calls, service, config);
    if (!process) return CommandResult{Failed, "vdm: " + process.error().message + "\n"};
    started = *process;
  }
  if (!started) return port_is_taken(service, at);
  return CommandResult{Failed, "vdm: " + std::string(service.name) + " is not ready after " +
                                   std::to_string(ReadyWithin.count()) + " s; its log is " +
                                   file_of(calls, service, ".log").string() + "\n"};
}

/// A service that is ready: its address and its answer to GET /health.
struct Made {
  HostPort at;
  std::string health;
};

std::variant<Made, CommandResult> make_ready(const ServiceCalls& calls, const Service& service,
                                             const ServiceConfig& config) {
  const auto at = config.address(service.host, service.port);
  if (!at) return error_of(config);
  auto health = make_ready(calls, service, config, *at);
  if (auto* result = std::get_if<CommandResult>(&health)) return std::move(*result);
  return Made{*at, std::get<std::string>(std::move(health))};
}

/// Returns false when the service is still running.
bool end_service(const HeldProcess& process, const Service& service, Shutdown shutdown,
                 std::ostream& err) {
  const SystemClock clock;
  const auto start = clock.monotonic();
  bool announced = false;
  process.signal(SIGTERM);
  if (shutdown == Shutdown::EndNow && !process.ends_within(100)) process.signal(SIGTERM);
  while (!process.ends_within(200)) {
    const auto waited = clock.monotonic() - start;
    if (waited > DrainedWithin) return false;
    if (announced || waited < SayAfter) continue;
    announced = true;
    err << "vdm: " << service.name << " lets running requests finish; `vdm down --now` ends them\n";
  }
  return true;
}

}  // namespace

std::variant<RunningServices, CommandResult> bring_up(const ServiceCalls& calls) {
  const LaunchLock lock(calls.folder);
  const auto proxy_config = ask_config(calls, Proxy.name);
  if (!proxy_config) return CommandResult{Failed, "vdm: " + proxy_config.error().message + "\n"};
  RunningServices running;
  if (reports_to_metrics(*proxy_config)) {
    const auto config = ask_config(calls, Metrics.name);
    if (!config) return CommandResult{Failed, "vdm: " + config.error().message + "\n"};
    // Without a provider the proxy cannot start, so the metrics service is not started either.
    const auto at = proxy_config->address(Proxy.host, Proxy.port);
    const bool proxy_can_be = proxy_config->errors.empty() ||
                              (at && look_at(Proxy, *at, Secret()).presence != Presence::Nobody);
    if (!proxy_can_be) return error_of(*proxy_config);
    auto metrics = make_ready(calls, Metrics, *config);
    if (auto* result = std::get_if<CommandResult>(&metrics)) return std::move(*result);
    running.metrics = std::get<Made>(metrics).at;
  }
  auto proxy = make_ready(calls, Proxy, *proxy_config);
  if (auto* result = std::get_if<CommandResult>(&proxy)) return std::move(*result);
  running.proxy = std::get<Made>(proxy).at;
  running.facts = *read_gateway_facts(std::get<Made>(proxy).health);
  return running;
}

int bring_down(const ServiceCalls& calls, Shutdown shutdown, std::ostream& out, std::ostream& err) {
  const LaunchLock lock(calls.folder);
  int ended = 0;
  for (const Service& service : {Proxy, Metrics}) {
    const fs::path file = file_of(calls, service, ".pid");
    const auto process = read_pid_file(file);
    const auto held = process ? HeldProcess::hold(*process) : std::nullopt;
    if (held) {
      if (!end_service(*held, service, shutdown, err)) {
        err << "vdm: " << service.name << " (process " << process->pid << ") does not end\n";
        return Failed;
      }
      out << "stopped " << service.name << "\n";
      ++ended;
    }
    std::error_code absent;
    fs::remove(file, absent);
  }
  if (ended == 0) out << "nothing that vdm started is running\n";
  return Done;
}

}  // namespace vdm::cli
