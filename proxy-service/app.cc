#include "proxy-service/app.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <absl/strings/str_join.h>

#include "common/base/digest.h"
#include "common/base/host_port.h"
#include "common/base/log.h"
#include "common/base/version.h"

namespace vdm::proxy {
namespace {

using std::chrono::milliseconds;

// How long the metrics service has to acknowledge the last events; all requests have ended by then.
constexpr milliseconds FlushTime{3000};
constexpr timespec Look{0, 20'000'000};
constexpr timespec LookAtFile{1, 0};

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

/// What of this proxy the metrics service refuses, for /health.
std::string_view refused_for(ReportRefusal refusal) {
  switch (refusal) {
    case ReportRefusal::None:
      return "";
    case ReportRefusal::Token:
      return "token";
    case ReportRefusal::Instance:
      return "instance";
  }
  std::abort();  // every kind is listed above; -Wswitch keeps it so
}

/// This thread alone waits for signals; every thread that it starts inherits the mask.
sigset_t block_signals() {
  sigset_t set = ending_signals();
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A provider that closes while TLS writes to it must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

}  // namespace

App::App(LiveConfig& config, TlsContext tls, Identity identity, std::optional<SpoolFile> spool,
         RingMemory memory)
    : config_(config),
      metrics_enabled_(config.running().metrics.enabled),
      tls_(std::move(tls)),
      identity_(std::move(identity)),
      spool_(std::move(spool)),
      queue_(std::move(memory)) {}

/// Without a spool the proxy serves all the same, and says what that costs.
std::optional<SpoolFile> App::make_spool(const Config& config, const Identity& identity) {
  if (!config.metrics.enabled || config.metrics.spool_is_declined) return std::nullopt;
  const std::string cost = "what is not reported when this process ends will be lost";
  if (config.metrics.spool_dir.empty()) {
    log::warning("no folder for events: set VDM_SPOOL_DIR", {{"else", cost}});
    return std::nullopt;
  }
  auto spool = SpoolFile::create(config.metrics.spool_dir, config.limits.event_buffer_bytes_max,
                                 {.instance_id = identity.instance_id,
                                  .secret = identity.secret,
                                  .proxy_name = config.proxy_name,
                                  .version = std::string(Version),
                                  .boot_wall = identity.boot_wall});
  if (spool) return std::move(*spool);
  log::error("no spool can be made", {{"why", spool.error().message}, {"so", cost}});
  return std::nullopt;
}

Result<std::unique_ptr<App>> App::make(LiveConfig& config) {
  auto tls = TlsContext::make();
  if (!tls) return tls.error();
  Identity identity{.instance_id = random_hex(16),
                    .secret = Secret(random_hex(32)),
                    .boot_wall = SystemClock().wall()};
  auto spool = make_spool(config.running(), identity);
  auto memory =
      spool ? spool->map() : RingMemory::anonymous(config.running().limits.event_buffer_bytes_max);
  if (!memory) return memory.error();
  std::unique_ptr<App> app(
      new App(config, std::move(*tls), std::move(identity), std::move(spool), std::move(*memory)));
  if (const std::string& folder = config.running().data_dir; !folder.empty()) {
    app->audit_ = std::make_unique<AuditLog>(
        AuditLogOptions{.file = std::filesystem::path(folder) / "audit-vdm-proxy.jsonl"},
        app->clock_);
  }
  EventSink& sink = app->metrics_enabled_ ? static_cast<EventSink&>(app->queue_) : app->discard_;
  auto gateway = Gateway::open({.config = config.running(),
                                .tls = app->tls_,
                                .clock = app->clock_,
                                .sink = sink,
                                .instance_id = app->identity_.instance_id,
                                .metrics_state = [a = app.get()] { return a->metrics_state(); },
                                .audit = app->audit_.get()});
  if (!gateway) {
    if (app->spool_) app->spool_->remove();
    return gateway.error();
  }
  app->gateway_ = std::move(*gateway);
  return app;
}

MetricsState App::metrics_state() const {
  if (!reporter_) return {.enabled = metrics_enabled_};
  const ReporterStatus status = reporter_->status();
  return {.enabled = true,
          .connected = status.connected,
          .refused = refused_for(status.refusal),
          .buffered_bytes = status.buffered_bytes,
          .waiting_events = queue_.waiting(),
          .lost_started = status.dropped.started,
          .lost_progressed = status.dropped.progressed,
          .lost_ended = status.dropped.ended};
}

ReporterOptions App::reporter_options() const {
  return {.address = authority(config_.running().metrics.ingest),
          .instance_id = identity_.instance_id,
          .proxy_name = config_.running().proxy_name,
          .version = std::string(Version),
          .secret = identity_.secret,
          .token = config_.running().metrics.ingest_token,
          .token_file = config_.running().metrics.ingest_token_file};
}

void App::start_reporter() {
  if (!metrics_enabled_) return;
  ReporterOptions options = reporter_options();
  options.cancel = [this](std::string request_id) { gateway_->cancel(request_id); };
  options.rejections_unlisted = [this] { return gateway_->rejections_unlisted(); };
  reporter_ = std::make_unique<GrpcReporter>(queue_, std::move(options), clock_);
  const std::string& folder = config_.running().metrics.spool_dir;
  if (!folder.empty()) sender_ = std::make_unique<SpoolSender>(folder, reporter_options(), clock_);
}

int App::run_until_signal() {
  block_signals();
  for (const std::string& notice : config_.running().notices) log::warning(notice);
  if (!audit_) log::warning("no audit log is kept: VDM_DATA_DIR names no folder");
  start_reporter();
  gateway_->start();
  const tcp::endpoint& address = gateway_->address();
  log::info("listening", {{"address", authority({address.address().to_string(), address.port()})},
                          {"threads", std::to_string(config_.running().threads)},
                          {"providers", std::to_string(config_.running().providers.size())},
                          {"instance", identity_.instance_id}});

  serve();
  drain();
  flush_events();
  log::info("stopped");
  return EXIT_SUCCESS;
}

void App::serve() {
  const sigset_t signals = block_signals();
  for (;;) {
    const int signal = sigtimedwait(&signals, nullptr, &LookAtFile);
    if (signal == SIGTERM || signal == SIGINT) return;
    if (signal == SIGHUP || config_.file_has_changed()) reload();
  }
}

void App::reload() {
  const LiveConfig::Outcome outcome = config_.reload();
  gateway_->note_reload(outcome.faults);
  for (const std::string& fault : outcome.faults) log::error(fault);
  if (!outcome.faults.empty()) {
    log::error("the configuration is not taken; the last one holds");
    return;
  }
  for (const std::string& notice : outcome.notices) log::warning(notice);
  if (!outcome.restart.empty()) {
    log::warning("changed, and waits for a restart",
                 {{"settings", absl::StrJoin(outcome.restart, ", ")}});
  }
  if (!outcome.changed.empty()) gateway_->renew(config_.running());
  log::info("configuration read again", {{"changed", absl::StrJoin(outcome.changed, ", ")}});
}

void App::drain() {
  log::info("draining",
            {{"for_at_most_ms", std::to_string(config_.running().timeouts.drain.count())}});
  gateway_->drain();
  const sigset_t signals = ending_signals();
  const MonotonicTime until = clock_.monotonic() + config_.running().timeouts.drain;
  while (!gateway_->done()) {
    const bool again = sigtimedwait(&signals, nullptr, &Look) > 0;
    if (!again && clock_.monotonic() < until) continue;
    log::warning("ending what still runs", {{"because", again ? "second signal" : "drain time"}});
    break;
  }
  gateway_->end_all();
  gateway_->join();
}

void App::flush_events() {
  sender_.reset();
  if (!reporter_) return;
  const bool all = reporter_->flush(FlushTime);
  reporter_.reset();
  if (all && spool_) return spool_->remove();
  if (all) return;
  if (spool_) {
    log::warning("events wait for the next process", {{"file", spool_->path().string()}});
  } else {
    log::warning("some events could not be delivered before the end, and are lost");
  }
}

}  // namespace vdm::proxy
