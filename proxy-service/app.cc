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

App::App(LiveConfig& config, TlsContext tls)
    : config_(config),
      metrics_enabled_(config.running().metrics.enabled),
      tls_(std::move(tls)),
      instance_id_(random_hex(16)),
      queue_(config.running().limits.event_buffer_bytes_max) {}

Result<std::unique_ptr<App>> App::make(LiveConfig& config) {
  auto tls = TlsContext::make();
  if (!tls) return tls.error();
  std::unique_ptr<App> app(new App(config, std::move(*tls)));
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
                                .instance_id = app->instance_id_,
                                .metrics_state = [a = app.get()] { return a->metrics_state(); },
                                .audit = app->audit_.get()});
  if (!gateway) return gateway.error();
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

void App::start_reporter() {
  if (!metrics_enabled_) return;
  ReporterOptions options{.address = authority(config_.running().metrics.ingest),
                          .instance_id = instance_id_,
                          .proxy_name = config_.running().proxy_name,
                          .version = std::string(Version),
                          .token = config_.running().metrics.ingest_token,
                          .token_file = config_.running().metrics.ingest_token_file};
  options.cancel = [this](std::string request_id) { gateway_->cancel(request_id); };
  options.rejections_unlisted = [this] { return gateway_->rejections_unlisted(); };
  reporter_ = std::make_unique<GrpcReporter>(queue_, std::move(options), clock_);
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
                          {"instance", instance_id_}});

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
  if (reporter_ && !reporter_->flush(FlushTime)) {
    log::warning("some events could not be delivered before the end");
  }
}

}  // namespace vdm::proxy
