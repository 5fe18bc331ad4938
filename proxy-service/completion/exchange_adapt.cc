#include <string>
#include <utility>

#include "common/base/log.h"
#include "proxy-service/completion/exchange.h"
#include "proxy-service/convert/errors/refused_member.h"

// What the exchange does when a provider refuses a member of the request.

namespace vdm::proxy {

TargetFacts Exchange::target_facts() const {
  return {*worker_.config.models.facts, worker_.snapshot.server.learned, provider().name,
          worker_.now, worker_.config.adapt};
}

/// Whether the provider's refusal may be of a member that the request can do without.
bool Exchange::may_adapt() const {
  if (adapted_ || (status_ != 400 && status_ != 422)) return false;
  const Adapt adapt = worker_.config.adapt;
  return adapt == Adapt::Always || (adapt == Adapt::Converted && kept_.prepared.is_ours());
}

/// Another try without the member that the refusal names; nothing when it names none.
std::optional<RelayResult> Exchange::adapt(std::string_view error_body) {
  if (!may_adapt()) return std::nullopt;
  const auto member = learn(error_body);
  if (!member) return std::nullopt;
  next_ = {NextStep::Adapted};
  return RelayResult{
      .ended = {.outcome = Outcome::UpstreamError,
                .status = status_,
                .error_type = "refused_" + *member,
                .error_message = "provider '" + provider().name + "' refuses " + *member},
      .failed = AttemptFailure{.status = status_}};
}

/// The member that the provider refused, which is left out from now on.
std::optional<std::string> Exchange::learn(std::string_view error_body) {
  const ModelFacts facts = target_facts().of(target());
  auto refused = refused_member(error_body, kept_.prepared.text(), facts);
  if (!refused) return std::nullopt;
  const std::string member = refused->member;
  worker_.snapshot.server.learned.learn({.provider = provider().name,
                                         .model = target().model,
                                         .member = member,
                                         .facts = std::move(refused->instead)},
                                        worker_.now);
  log::info("a provider refused a member, which is left out from now on",
            {{"provider", provider().name}, {"model", target().model}, {"refuses", member}});
  return member;
}

}  // namespace vdm::proxy
