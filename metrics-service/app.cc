#include "metrics-service/app.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <future>
#include <system_error>
#include <utility>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/digest.h"
#include "common/base/log.h"
#include "common/base/version.h"
#include "common/http/listener.h"
#include "common/http/server.h"
#include "metrics-service/events/events_server.h"
#include "metrics-service/ingest/ingest_server.h"
#include "metrics-service/intake/intake.h"
#include "metrics-service/serve/api.h"
#include "metrics-service/store/memory_log.h"
#include "metrics-service/store/sqlite_log.h"
#include "metrics-service/summary.h"

namespace vdm::metrics {
namespace {

namespace net = boost::asio;
using namespace std::chrono_literals;

constexpr auto TickEvery = 250ms;
constexpr auto DrainGrace = 5s;

/// Held while this process lives: two writers of one history would each keep half of it.
class DirectoryLock {
 public:
  static Result<DirectoryLock> take(const std::filesystem::path& directory) {
    std::error_code fault;
    std::filesystem::create_directories(directory, fault);
    const std::string path = (directory / "vdm-metrics.lock").string();
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
      // A disk that fails is no reason not to show what is live: the store says it is degraded.
      log::warning("data directory not locked",
                   {{"path", path}, {"why", std::generic_category().message(errno)}});
      return DirectoryLock(-1);
    }
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return DirectoryLock(file);
    ::close(file);
    return Error{ErrorKind::Internal, "VDM_DATA_DIR: another vdm-metrics keeps its history in '" +
                                          directory.string() +
                                          "'; stop it, or set another directory"};
  }
  DirectoryLock(DirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock() {
    if (file_ >= 0) ::close(file_);
  }

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  int file_;
};

std::unique_ptr<EventLog> make_log(const HistoryConfig& history, const Clock& clock,
                                   PostToOwner post) {
  if (history.directory.empty()) return std::make_unique<MemoryLog>(std::move(post));
  SqliteLogOptions options;
  options.directory = history.directory;
  options.retention_days = history.retention_days;
  return std::make_unique<SqliteLog>(std::move(options), clock, std::move(post));
}

FeedSettings feed_settings(const Config& config) {
  const auto seconds = [](std::chrono::milliseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
  };
  const auto heartbeat = std::min<std::chrono::milliseconds>(config.live.heartbeat, 15s);
  return FeedSettings{.cancel_allowed = config.access.cancel_allowed,
                      .progress_interval_s = seconds(config.live.progress_interval),
                      .heartbeat_s = seconds(heartbeat),
                      .authentication_required = !config.access.key.empty()};
}

LiveOptions live_options(const Config& config) {
  LiveOptions options;
  options.progress_interval = config.live.progress_interval;
  options.heartbeat = config.live.heartbeat;
  options.settings = feed_settings(config);
  return options;
}

http::ServerOptions server_options(Access& access) {
  http::ServerOptions options;
  options.body_bytes_max = 64 * 1024;
  options.common_headers = {{"X-Content-Type-Options", "nosniff"},
                            {"Referrer-Policy", "no-referrer"},
                            {"X-Frame-Options", "DENY"}};
  options.host_allowed = [&access](std::string_view host) { return access.host_allowed(host); };
  options.gate = [&access](const http::Request& request) { return access.gate(request); };
  return options;
}

/// Which setting to change, in front of what is wrong.
Error naming(std::string_view settings, const Error& error) {
  return Error{error.kind, std::string(settings) + ": " + error.message};
}

std::string address_text(const HostPort& address) {
  const bool bracketed = address.host.find(':') != std::string::npos;
  return (bracketed ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace

/// In order of life: what stands below leans on what stands above.
struct App::Parts {
  explicit Parts(const Config& given)
      : config(given),
        tracker(TrackerOptions{.epoch = random_hex(6)}),
        access(AccessOptions{.key = config.access.key,
                             .allowed_hosts = config.access.allowed_hosts,
                             .allowed_origins = config.access.allowed_origins,
                             .secure_cookie = config.access.secure_cookie},
               clock),
        files(StaticFiles::load(config.dashboard)),
        owner("owner"),
        log(make_log(config.history, clock,
                     [this](std::function<void()> work) { owner.post(std::move(work)); })),
        intake(tracker, *log, clock),
        summary(tracker, config.live.summary_interval),
        live(owner.context(), tracker, clock, live_options(config)),
        api(tracker, live, access, files, clock,
            ApiOptions{.metrics_enabled = config.live.metrics_enabled,
                       .feeds_enabled = config.live.feeds_enabled,
                       .cancel_allowed = config.access.cancel_allowed},
            actions()),
        router(api.routes()),
        server(router, server_options(access)),
        tick(owner.context()),
        signals(owner.context(), SIGTERM, SIGINT) {}

  ApiActions actions();
  Result<void> listen();
  void tick_on();
  void watch_signals();
  void stop();

  const Config config;
  const SystemClock clock;
  Tracker tracker;
  Access access;
  const StaticFiles files;
  http::IoThread owner;
  std::unique_ptr<EventLog> log;
  Intake intake;
  Summary summary;
  Live live;
  Api api;
  const http::Router router;
  http::Server server;
  net::steady_timer tick;
  net::signal_set signals;
  std::unique_ptr<http::Listener> listener;
  std::unique_ptr<IngestServer> ingest;
  std::unique_ptr<EventsServer> events;
  std::promise<void> told_to_stop;
  bool stopping = false;  ///< the owner's
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

/// The owner runs already, so that gRPC's calls find it.
Result<void> App::Parts::listen() {
  auto opened = http::Listener::open(
      owner, config.listen.host, config.listen.port,
      [this](net::ip::tcp::socket socket) { server.serve(owner, std::move(socket)); });
  if (!opened) return naming("VDM_METRICS_HOST, VDM_METRICS_PORT", opened.error());
  listener = std::move(*opened);
  owner.start();

  IngestOptions ingest_options;
  ingest_options.address = address_text(config.listen.ingest);
  ingest_options.version = Version;
  auto ingesting =
      IngestServer::start(owner.context().get_executor(), intake, clock, ingest_options);
  if (!ingesting) return naming("VDM_INGEST_ADDRESS", ingesting.error());
  EventsOptions events_options;
  events_options.address = address_text(config.listen.events);
  events_options.version = Version;
  events_options.key = config.access.key;
  events_options.cancel_allowed = config.access.cancel_allowed;
  events_options.cancel = [this](std::string_view instance_id, std::string_view request_id) {
    return ingest && ingest->cancel(instance_id, request_id);
  };
  events_options.live_readers = [this] { return static_cast<std::uint32_t>(live.readers()); };
  auto serving = EventsServer::start(owner.context().get_executor(), intake, clock, events_options);
  if (!serving) {
    (*ingesting)->stop();
    return naming("VDM_EVENTS_ADDRESS", serving.error());
  }

  // The owner looks at these: hand them over on its thread.
  std::promise<void> handed;
  owner.post([&] {
    ingest = std::move(*ingesting);
    events = std::move(*serving);
    handed.set_value();
  });
  handed.get_future().wait();
  return {};
}

void App::Parts::tick_on() {
  tick.expires_after(TickEvery);
  tick.async_wait([this](boost::system::error_code fault) {
    if (fault || stopping) return;
    intake.tick();
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
    told_to_stop.set_value();
    watch_signals();  // a second one ends it at once
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
  log->close();
  owner.post([this] { signals.cancel(); });
  owner.release();
  owner.join();
}

Result<std::unique_ptr<App>> App::start(const Config& config) {
  static std::unique_ptr<DirectoryLock> lock;  // for the life of the process
  if (!config.history.directory.empty()) {
    auto taken = DirectoryLock::take(config.history.directory);
    if (!taken) return taken.error();
    lock = std::make_unique<DirectoryLock>(std::move(*taken));
  }
  for (const std::string& notice : config.notices) log::info("notice", {{"text", notice}});

  auto parts = std::make_unique<Parts>(config);
  const std::uint64_t rows = parts->intake.restore();
  parts->summary.begin();
  if (!config.history.directory.empty()) {
    log::info("history restored",
              {{"directory", config.history.directory.string()}, {"rows", std::to_string(rows)}});
  }
  Parts* const made = parts.get();
  parts->intake.on_change([made] { made->live.changed(); });
  parts->intake.on_change([made] { made->summary.changed(); });
  parts->tick_on();
  parts->watch_signals();
  if (const auto listening = parts->listen(); !listening) {
    parts->stop();
    return listening.error();
  }
  log::info("listening", {{"address", "http://" + parts->listener->address()},
                          {"ingest", address_text(config.listen.ingest)},
                          {"events", address_text(config.listen.events)},
                          {"files", std::to_string(parts->files.count())},
                          {"version", std::string(Version)}});
  return std::unique_ptr<App>(new App(std::move(parts)));
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

int App::run_until_signal() {
  parts_->told_to_stop.get_future().wait();
  parts_->stop();
  log::info("stopped");
  return 0;
}

}  // namespace vdm::metrics
