#include <csignal>
#include <iostream>
#include <optional>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include "common/base/env.h"
#include "common/base/log.h"
#include "common/base/version.h"
#include "common/http/listener.h"
#include "common/http/server.h"
#include "deploy/demo-provider/provider.h"
#include "deploy/demo-provider/traffic.h"

namespace {

using namespace vdm;

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8084;
  double speed = 1.0;
  int grace_seconds = 2;
  std::string traffic;
  std::size_t conversations = 10;
  bool traffic_only = false;
};

int fail(const std::string& message, int code) {
  std::cerr << "vdm-demo-provider: " << message << "\n";
  return code;
}

/// Serves, sends demo traffic, or both, until the process receives a signal to stop.
int run(const Options& options, std::optional<demo::TrafficOptions> traffic_options) {
  demo::Provider provider(options.speed);
  http::Router router;
  provider.add_routes(router);
  http::ServerOptions server_options;
  server_options.body_bytes_max = 32 * 1024 * 1024;
  http::Server server(router, server_options);
  http::IoThread thread("demo");

  std::unique_ptr<http::Listener> listener;
  if (!options.traffic_only) {
    auto opened = http::Listener::open(
        thread, options.host, options.port,
        [&](http::net::ip::tcp::socket socket) { server.serve(thread, std::move(socket)); });
    if (!opened) return fail(opened.error().message, 1);
    listener = std::move(*opened);
    log::info("listening", {{"address", listener->address()}});
  }
  http::IoThread traffic_thread("traffic");
  std::optional<demo::Traffic> traffic;
  if (traffic_options) {
    log::info("demo traffic", {{"to", options.traffic}});
    traffic.emplace(traffic_thread, std::move(*traffic_options)).start();
    traffic_thread.start();
  }

  http::net::signal_set signals(thread.context(), SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    if (listener) listener->close();
    // The demo traffic stops at once; the server lets running answers finish.
    traffic_thread.cancel_all();
    traffic_thread.release();
    server.drain(thread, std::chrono::seconds(options.grace_seconds));
    thread.release();
  });
  thread.run();
  traffic_thread.join();
  log::info("stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{
      "A small provider for demonstrations and tests: speaks both dialects, knows nothing.\n"
      "Models: demo-fast, demo-chat, demo-thinker, demo-slow; demo-error-429, demo-error-500,\n"
      "demo-error-529, demo-cut and demo-stall fail as they say."};
  app.set_version_flag("--version", "vdm-demo-provider " + std::string(Version) + " (commit " +
                                        std::string(Commit) + ")");
  app.add_option("--host", options.host, "Address to listen on")->capture_default_str();
  app.add_option("--port", options.port, "Port to listen on; 0 takes a free one")
      ->capture_default_str();
  app.add_option("--speed", options.speed, "1 is human, 20 is for tests")
      ->check(CLI::Range(0.01, 10000.0))
      ->capture_default_str();
  app.add_option("--grace", options.grace_seconds,
                 "Seconds that running answers are given after a signal")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  auto* traffic = app.add_option("--traffic", options.traffic,
                                 "Also send light demo traffic to this gateway: http://host:port");
  app.add_option("--conversations", options.conversations, "Clients the traffic comes from")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--traffic-only", options.traffic_only, "Serve nothing, only send traffic")
      ->needs(traffic);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return fail(error.what(), 2);
  }
  log::configure(log::Level::Info, "vdm-demo-provider");

  std::optional<demo::TrafficOptions> traffic_options;
  if (!options.traffic.empty()) {
    auto to = demo::traffic_to(options.traffic);
    if (!to) return fail(to.error().message, 2);
    to->key = Secret(Env::of_process().get("PROXY_API_KEY").value_or(""));
    to->conversations = options.conversations;
    to->seed = std::random_device()();
    traffic_options = std::move(*to);
  }
  return run(options, std::move(traffic_options));
}
