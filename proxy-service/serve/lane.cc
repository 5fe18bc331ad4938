#include "proxy-service/serve/lane.h"

#include "proxy-service/serve/model_catalog.h"

namespace vdm::proxy {

Lane::Lane(asio::io_context& io_context, Shared& all, std::size_t thread_index)
    : context(io_context),
      shared(all),
      config(all.config),
      index(thread_index),
      now(all.clock.monotonic()),
      bodies(all.bodies),
      models(std::make_unique<ModelCatalog>(config.providers.size())),
      counter_(thread_index) {
  const ProviderPool::Options options{.idle_max = config.limits.upstream_idle_max,
                                      .idle_time = config.timeouts.upstream_keep_alive};
  for (const Provider& provider : config.providers) {
    pools.push_back(
        std::make_unique<ProviderPool>(context, provider, shared.tls, scratch, options));
  }
}

Lane::~Lane() = default;

std::string Lane::next_request_id() {
  counter_ += config.threads;
  std::string id = "req_";
  id.reserve(60);
  return id.append(shared.instance_id).append("_").append(std::to_string(counter_));
}

void Lane::close_idle() {
  for (const auto& pool : pools) pool->close_all();
}

}  // namespace vdm::proxy
