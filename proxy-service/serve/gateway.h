#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proxy-service/catalog/disk_thread.h"
#include "proxy-service/serve/io_thread.h"
#include "proxy-service/serve/listener.h"
#include "proxy-service/serve/memory_watch.h"
#include "proxy-service/worker/config_snapshot.h"

namespace vdm::proxy {

/// The serving half of the proxy: its threads and its listener. It records events to
/// the sink that it is given: App passes the event queue, a test its own sink.
/// Thread: any, but for start(), renew() and join(), which are its owner's.
class Gateway {
 public:
  struct Parts {
    const Config& config;
    const TlsContext& tls;
    const Clock& clock;
    EventSink& sink;
    std::string instance_id;
    std::function<MetricsState()> metrics_state{};
    MemoryUse memory_use{};
    AuditLog* audit = nullptr;  ///< null: none is kept
  };

  /// Binds the address; an error's message is one line for a person.
  static Result<std::unique_ptr<Gateway>> open(Parts parts);
  ~Gateway();

  void start();
  const tcp::endpoint& address() const { return listener_->address(); }

  /// Requests that begin from now on use `config`; running ones keep theirs. Settings that
  /// cannot change in a running process have their old value in it: see put_back_fixed().
  void renew(Config config);
  /// The configuration that was read was taken, or was not: for /health.
  void note_reload(const std::vector<std::string>& faults);
  /// Ends the request with that id, wherever it runs.
  void cancel(const std::string& request_id);
  void drain();
  void end_all();
  /// How many rejected requests were counted and not reported: see RejectionLimit.
  std::uint64_t rejections_unlisted() const { return server_.rejections.unlisted(); }
  /// Whether all threads have ended.
  bool done() const;
  void join();

 private:
  explicit Gateway(Parts parts);

  ServerState server_;
  const std::shared_ptr<ConfigSnapshot> first_;  ///< the configuration it was started with
  std::shared_ptr<ConfigSnapshot> latest_;       ///< the owner's: what the next reload goes on from
  MemoryWatch memory_watch_;
  DiskThread disk_;  ///< ends in join(): it posts to the threads
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace vdm::proxy
