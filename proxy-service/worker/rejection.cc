#include "proxy-service/worker/rejection.h"

#include <utility>

namespace vdm::proxy {
namespace {

Outcome outcome_of(const Refusal& refusal) {
  return refusal.type == "gateway_shutdown" ? Outcome::GatewayShutdown : Outcome::Rejected;
}

}  // namespace

bool count_rejection(ClientConnection& client, const Refusal& refusal) {
  Worker& worker = client.worker();
  worker.counts.begin();
  worker.counts.end(outcome_of(refusal));
  return worker.snapshot.server.rejections.take(client.asker(), worker.precise_now());
}

void record_rejection(const Worker& worker, FactsPtr facts, const Refusal& refusal,
                      MonotonicTime begun) {
  Ended ended;
  ended.facts = std::move(facts);
  ended.outcome = outcome_of(refusal);
  ended.http_status = static_cast<std::uint32_t>(refusal.status);
  ended.error_type = refusal.type;
  ended.error_message = refusal.message;  // words of our own
  ended.duration = std::chrono::duration_cast<Micros>(worker.precise_now() - begun);
  worker.snapshot.server.sink.ended(ended, {});
}

}  // namespace vdm::proxy
