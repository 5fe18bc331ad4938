#include "proxy-service/worker/listed_models.h"

namespace vdm::proxy {

Task<Result<ModelRoute>> resolve_listed(ClientConnection& client, std::string_view model,
                                        const Caller& caller, Error refusal) {
  Worker& worker = client.worker();
  const Resolver& resolver = worker.snapshot.resolver;
  const auto asked = resolver.asked(caller.dialect);
  const bool may_be_listed = !resolver.absent_provider(model).empty() && asked.has_value();
  if (!may_be_listed || worker.listed_models == nullptr) co_return refusal;
  const bool listed = co_await worker.listed_models->lists(client, *asked, model, caller);
  if (!listed) co_return refusal;
  const std::string literal = "!" + std::string(model);
  co_return resolver.resolve(literal, caller.dialect, worker.balancer);
}

}  // namespace vdm::proxy
