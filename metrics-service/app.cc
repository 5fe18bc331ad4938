#include "metrics-service/app.h"

#include <csignal>
#include <cstdlib>
#include <future>
#include <optional>
#include <utility>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/access/key_check.h"
#include "common/audit/audit_log.h"
#include "common/base/digest.h"
#include "common/base/host_port.h"
#include "common/base/log.h"
#include "common/base/version.h"
#include "common/http/listener.h"
#include "common/http/server.h"
#include "metrics-service/events/events_server.h"
#include "metrics-service/ingest/ingest_server.h"
#include "metrics-service/ingest/ingest_tokens.h"
#include "metrics-service/log/local_log.h"
#include "metrics-service/pipeline/pipeline.h"
#include "metrics-service/serve/api.h"
#include "metrics-service/store/directory_lock.h"
#include "metrics-service/store/memory_history.h"
#include "metrics-service/store/sqlite_history.h"
#include "metrics-service/summary.h"

namespace vdm::metrics {
namespace {

namespace net = boost::asio;
using namespace std::chrono_literals;

constexpr auto TickEvery = 250ms;
constexpr auto DrainGrace = 5s;

std::unique_ptr<HistoryStore> make_store(const HistoryConfig& history, const Clock& clock,
                                         PostToOwner post) {
  if (history.directory.empty()) return std::make_unique<MemoryHistory>(std::move(post));
  SqliteHistoryOptions options;
  options.directory = history.directory;
  options.retention_days = history.retention_days;
  return std::make_unique<SqliteHistory>(std::move(options), clock, std::move(post));
}

LocalLogOptions log_options(const HistoryStart& start, HistoryStore& store) {
  LocalLogOptions options;
  options.block = start.block;
  options.is_reserved = start.is_reserved;
  if (store.is_kept()) {
    options.reserve = [&store](PositionBlock block, std::function<void()> done) {
      store.reserve(std::move(block), std::move(done));
    };
  }
  return options;
}

AccessKeys access_keys(const AccessConfig& access) {
  std::vector<AccessKey> keys = access.named_keys;
  if (access.key.empty()) return AccessKeys(std::move(keys));
  const bool is_proxys = access.key_role == Role::Admin;
  keys.push_back(
      access_key(is_proxys ? "PROXY_API_KEY" : "VDM_METRICS_API_KEY", access.key, access.key_role));
  return AccessKeys(std::move(keys));
}

FeedSettings feed_settings(const Config& config) {
  const auto seconds = [](std::chrono::milliseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
  };
  const auto heartbeat = std::min<std::chrono::milliseconds>(config.live.heartbeat, 15s);
  return FeedSettings{.cancel_allowed = config.access.cancel_allowed,
                      .progress_interval_s = seconds(config.live.progress_interval),
                      .heartbeat_s = seconds(heartbeat),
                      .authentication_required = has_key(config.access)};
}

std::unique_ptr<AuditLog> make_audit(const HistoryConfig& history, const Clock& clock) {
  if (history.directory.empty()) return nullptr;
  return std::make_unique<AuditLog>(
      AuditLogOptions{.file = history.directory / "audit-vdm-metrics.jsonl"}, clock);
}

LiveOptions live_options(const Config& config) {
  LiveOptions options;
  options.progress_interval = config.live.progress_interval;
  options.heartbeat = config.live.heartbeat;
  options.settings = feed_settings(config);
  return options;
}

http::ServerOptions server_options(const ConnectionsConfig& connections, Access& access) {
  http::ServerOptions options;
  options.connections_max = connections.most;
  options.connections_per_address_max = connections.per_address_most;
  options.reserved_paths = {"/health", "/health/ready"};
  options.body_bytes_max = 64 * 1024;
  options.common_headers = {{"X-Content-Type-Options", "nosniff"},
                            {"Referrer-Policy", "no-referrer"},
                            {"X-Frame-Options", "DENY"}};
  options.host_allowed = [&access](std::string_view host) { return access.host_allowed(host); };
  options.authenticate = [&access](const http::Request& request) {
    return access.authenticate(request);
  };
  return options;
}

/// Puts the setting to change in front of the error.
Error naming(std::string_view settings, const Error& error) {
  return Error{error.kind, std::string(settings) + ": " + error.message};
}

}  // namespace

/// Everything the process owns, in order of life: each member uses only those above it.
struct App::Parts {
  Parts(const Config& given, std::optional<DirectoryLock> held,
        std::shared_ptr<const IngestTokens> ingest_tokens)
      : config(given),
        tokens(std::move(ingest_tokens)),
        lock(std::move(held)),
        owner("owner"),
        store(make_store(config.history, clock,
                         [this](std::function<void()> work) { owner.post(std::move(work)); })),
        start(store->open()),
        log(log_options(start, *store), clock),
        tracker(TrackerOptions{.epoch = start.block.epoch}),
        keys(std::make_shared<KeyCheck>(
            KeyCheckOptions{.keys = access_keys(config.access),
                            .trusted_proxies = TrustedProxies(config.access.trusted_proxies)},
            clock)),
        audit(make_audit(config.history, clock)),
        access(AccessOptions{.allowed_hosts = config.access.allowed_hosts,
                             .allowed_origins = config.access.allowed_origins,
                             .secure_cookie = config.access.secure_cookie,
                             .audit = audit.get()},
               *keys, clock),
        files(StaticFiles::load(config.dashboard)),
        pipeline(tracker, log, *store, clock),
        summary(tracker, config.live.summary_interval),
        texts(owner.context()),
        live(owner.context(), texts, tracker, clock, live_options(config)),
        api(tracker, live, texts, access, files, clock,
            ApiOptions{.metrics_enabled = config.live.metrics_enabled,
                       .feeds_enabled = config.live.feeds_enabled,
                       .cancel_allowed = config.access.cancel_allowed},
            actions()),
        router(api.routes()),
        server(router, server_options(config.connections, access)),
        tick(owner.context()),
        signals(owner.context(), SIGTERM, SIGINT) {}

  ApiActions actions();
  Result<void> listen();
  void restored(std::uint64_t rows);
  void tick_on();
  void watch_signals();
  void stop();

  const Config config;
  const std::shared_ptr<const IngestTokens> tokens;
  const std::optional<DirectoryLock> lock;  ///< empty when no history is kept
  const SystemClock clock;
  http::IoThread owner;
  const std::unique_ptr<HistoryStore> store;
  const HistoryStart start;
  LocalLog log;
  Tracker tracker;
  const std::shared_ptr<KeyCheck> keys;   ///< for both ports
  const std::unique_ptr<AuditLog> audit;  ///< null: there is no folder for it
  Access access;
  const StaticFiles files;
  Pipeline pipeline;
  Summary summary;
  TextThread texts;
  Live live;
  Api api;
  const http::Router router;
  http::Server server;
  net::steady_timer tick;
  net::signal_set signals;
  std::unique_ptr<http::Listener> listener;
  std::unique_ptr<IngestServer> ingest;
  std::unique_ptr<EventsServer> events;
  std::promise<void> stop_requested;
  bool stopping = false;  ///< only the owner's thread touches it
};

ApiActions App::Parts::actions() {
  ApiActions actions;
  actions.cancel = [this](const std::string& instance_id, const std::string& request_id) {
    return ingest && ingest->cancel(instance_id, request_id);
  };
  actions.grpc_subscribers = [this] { return events ? events->subscribers() : 0; };
  actions.starting = [this] { return !events; };
  actions.draining = [this] { return server.draining(); };
  return actions;
}

/// The owner's thread runs before this is called, so that gRPC's calls can post to it.
Result<void> App::Parts::listen() {
  auto opened = http::Listener::open(
      owner, config.listen.host, config.listen.port,
      [this](net::ip::tcp::socket socket) { server.serve(owner, std::move(socket)); });
  if (!opened) return naming("VDM_METRICS_HOST, VDM_METRICS_PORT", opened.error());
  listener = std::move(*opened);
  owner.start();

  IngestOptions ingest_options;
  ingest_options.address = authority(config.listen.ingest);
  ingest_options.version = Version;
  ingest_options.tokens = tokens;
  ingest_options.audit = audit.get();
  auto ingesting =
      IngestServer::start(owner.context().get_executor(), pipeline, clock, ingest_options);
  if (!ingesting) return naming("VDM_INGEST_ADDRESS", ingesting.error());
  EventsOptions events_options;
  events_options.address = authority(config.listen.events);
  events_options.version = Version;
  events_options.keys = keys;
  events_options.audit = audit.get();
  events_options.cancel_allowed = config.access.cancel_allowed;
  events_options.cancel = [this](std::string_view instance_id, std::string_view request_id) {
    return ingest && ingest->cancel(instance_id, request_id);
  };
  events_options.live_readers = [this] { return static_cast<std::uint32_t>(live.readers()); };
  auto serving =
      EventsServer::start(owner.context().get_executor(), pipeline, clock, events_options);
  if (!serving) {
    (*ingesting)->stop();
    return naming("VDM_EVENTS_ADDRESS", serving.error());
  }

  // Only the owner's thread touches these members, so they are set on that thread.
  std::promise<void> handed;
  owner.post([&] {
    ingest = std::move(*ingesting);
    events = std::move(*serving);
    handed.set_value();
  });
  handed.get_future().wait();
  return {};
}

void App::Parts::restored(std::uint64_t rows) {
  summary.begin();
  if (!store->is_kept()) return;
  log::info("history restored",
            {{"directory", config.history.directory.string()}, {"rows", std::to_string(rows)}});
}

void App::Parts::tick_on() {
  tick.expires_after(TickEvery);
  tick.async_wait([this](boost::system::error_code fault) {
    if (fault || stopping) return;
    pipeline.tick();
    tick_on();
  });
}

void App::Parts::watch_signals() {
  signals.async_wait([this](boost::system::error_code fault, int signal) {
    if (fault) return;
    if (stopping) {
      log::warning("stopping at once", {{"signal", std::to_string(signal)}});
      std::_Exit(1);
    }
    stopping = true;
    log::info("stopping", {{"signal", std::to_string(signal)}});
    stop_requested.set_value();
    watch_signals();  // a second signal ends the process at once
  });
}

void App::Parts::stop() {
  owner.post([this] {
    stopping = true;
    if (listener) listener->close();
    live.close();
    server.drain(owner, DrainGrace);
    tick.cancel();
  });
  if (events) events->stop();
  if (ingest) ingest->stop();
  if (listener) {  // else the owner's thread never ran
    std::promise<void> kept;
    owner.post([&] {
      pipeline.keep_checkpoint();
      kept.set_value();
    });
    kept.get_future().wait();
  }
  store->close();
  owner.post([this] { signals.cancel(); });
  owner.release();
  owner.join();
}

Result<std::unique_ptr<App>> App::start(const Config& config) {
  std::optional<DirectoryLock> lock;
  if (!config.history.directory.empty()) {
    auto locked = DirectoryLock::lock(config.history.directory);
    if (!locked) return locked.error();
    lock.emplace(std::move(*locked));
  }
  static const SystemClock TokenClock;
  auto tokens = IngestTokens::open({.token = config.ingest_token.token,
                                    .file = config.ingest_token.file,
                                    .keys = config.access.named_keys,
                                    .clock = &TokenClock});
  if (!tokens) return naming("VDM_INGEST_TOKEN_FILE", tokens.error());
  for (const std::string& notice : config.notices) log::warning(notice);

  auto parts = std::make_unique<Parts>(config, std::move(lock), std::move(*tokens));
  if (!parts->audit) log::warning("no audit log is kept: VDM_DATA_DIR names no folder");
  Parts* const made = parts.get();
  parts->pipeline.restore(parts->start, [made](std::uint64_t rows) { made->restored(rows); });
  parts->pipeline.on_change([made] { made->live.changed(); });
  parts->pipeline.on_change([made] { made->summary.changed(); });
  parts->tick_on();
  parts->watch_signals();
  if (const auto listening = parts->listen(); !listening) {
    parts->stop();
    return listening.error();
  }
  log::info("listening", {{"address", "http://" + parts->listener->address()},
                          {"ingest", authority(config.listen.ingest)},
                          {"events", authority(config.listen.events)},
                          {"files", std::to_string(parts->files.count())},
                          {"version", std::string(Version)}});
  return std::unique_ptr<App>(new App(std::move(parts)));
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

int App::run_until_signal() {
  parts_->stop_requested.get_future().wait();
  parts_->stop();
  log::info("stopped");
  return 0;
}

}  // namespace vdm::metrics
