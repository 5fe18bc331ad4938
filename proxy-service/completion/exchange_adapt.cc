#include <string>
#include <utility>

#include "common/base/log.h"
#include "proxy-service/completion/exchange.h"
#include "proxy-service/convert/errors/refused_member.h"

// What the exchange does when a provider refuses a member of the request.

namespace vdm::proxy {

TargetFacts Exchange::target_facts() const {
  return {worker_.facts, worker_.snapshot.server.learned, attempts_.provider().name, worker_.now,
          worker_.config.adapt};
}

/// Whether the provider's refusal may be of a member that the request can do without.
bool Exchange::may_adapt() const {
  const int status = attempts_.status();
  if (adapted_ || (status != 400 && status != 422)) return false;
  const Adapt adapt = worker_.config.adapt;
  return adapt == Adapt::Always || (adapt == Adapt::Converted && kept_.prepared.is_ours());
}

/// Whether the refusal names a member without which the request is sent again: `failed` says so.
bool Exchange::adapts(std::string_view error_body, RelayResult& failed) {
  if (!may_adapt()) return false;
  const auto member = learn(error_body);
  if (!member) return false;
  attempts_.go_on_adapted();
  const int status = attempts_.status();
  const std::string& provider = attempts_.provider().name;
  failed = {.ended = {.outcome = Outcome::UpstreamError,
                      .status = status,
                      .error_type = "refused_" + *member,
                      .error_message = "provider '" + provider + "' refuses " + *member},
            .failed = AttemptFailure{.status = status}};
  return true;
}

/// The member that the provider refused, which is left out from now on.
std::optional<std::string> Exchange::learn(std::string_view error_body) {
  const Target& target = attempts_.target();
  const ModelFacts facts = target_facts().of(target);
  auto refused = refused_member(error_body, kept_.prepared.text(), facts);
  if (!refused) return std::nullopt;
  const std::string member = refused->member;
  worker_.snapshot.server.learned.learn({.provider = attempts_.provider().name,
                                         .model = target.model,
                                         .member = member,
                                         .facts = std::move(refused->instead)},
                                        worker_.now);
  log::info(
      "a provider refused a member, which is left out from now on",
      {{"provider", attempts_.provider().name}, {"model", target.model}, {"refuses", member}});
  return member;
}

}  // namespace vdm::proxy
