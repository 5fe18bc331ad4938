#include "proxy-service/serve/gateway.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace vdm::proxy {

Gateway::Gateway(Parts parts)
    : server_{.tls = parts.tls,
              .clock = parts.clock,
              .names = NameResolver(parts.clock),
              .sink = parts.sink,
              .instance_id = std::move(parts.instance_id),
              .started_at = parts.clock.wall(),
              .metrics_state = std::move(parts.metrics_state),
              .bodies = BodyBudget(parts.config.limits.all_bodies_bytes_max),
              .audit = parts.audit},
      first_(std::make_shared<ConfigSnapshot>(parts.config, server_)),
      latest_(first_),
      memory_watch_(server_, std::move(parts.memory_use)) {
  for (std::size_t i = 0; i < parts.config.threads; ++i) {
    threads_.push_back(std::make_unique<IoThread>(first_, i, disk_));
  }
}

Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::open(Parts parts) {
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(parts)));
  auto listener = Listener::open(*gateway->first_, gateway->threads_);
  if (!listener) return listener.error();
  gateway->listener_ = std::move(*listener);
  return gateway;
}

void Gateway::start() {
  listener_->start();
  IoThread& first = *threads_.front();
  first.post([this, &first] { first.call_each_tick(memory_watch_); });
  for (const auto& thread : threads_) thread->start();
  server_.ready.store(true, std::memory_order_relaxed);
}

void Gateway::renew(Config config) {
  config.threads = threads_.size();
  latest_ = std::make_shared<ConfigSnapshot>(std::move(config), server_, latest_.get());
  for (const auto& thread : threads_) thread->renew(latest_);
}

void Gateway::note_reload(const std::vector<std::string>& faults) {
  if (faults.empty()) return server_.refused_reload.clear();
  server_.refused_reload.note({.at = server_.clock.wall(), .faults = faults});
}

void Gateway::cancel(const std::string& request_id) {
  const std::size_t mark = request_id.rfind('_');
  if (mark == std::string::npos) return;
  std::uint64_t counter = 0;
  const char* const end = request_id.data() + request_id.size();
  const auto [at, fault] = std::from_chars(request_id.data() + mark + 1, end, counter);
  if (fault != std::errc{} || at != end) return;
  threads_[counter % threads_.size()]->cancel(request_id);
}

void Gateway::drain() {
  server_.ready.store(false, std::memory_order_relaxed);
  // A draining thread ends with its last session, so the listener deals out the last sockets first.
  listener_->close([this] {
    for (const auto& thread : threads_) thread->drain();
  });
}

void Gateway::end_all() {
  for (const auto& thread : threads_) thread->end_all();
}

bool Gateway::done() const {
  return std::ranges::all_of(threads_, [](const auto& thread) { return thread->done(); });
}

void Gateway::join() {
  for (const auto& thread : threads_) thread->join();
  disk_.end(DiskThread::EndTime);
}

}  // namespace vdm::proxy
