#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// A member that a provider refuses, of those that a request can do without.
struct RefusedMember {
  std::string member;  ///< as the provider names it: "stream_options"
  FactsRow instead{};  ///< what is now known: a request that is made by it has the member no more
};

/// Reads in the body of a 400 or 422 which member the provider refuses. `request` is the JSON that
/// it was sent: the member must stand there, or be asked for in vain, so that a text that a prompt
/// put into the error teaches nothing. `facts` are those that the request was made by. Nothing when
/// no member that can be left out is named, or leaving it out would change nothing. Pure.
std::optional<RefusedMember> refused_member(std::string_view body, std::string_view request,
                                            const ModelFacts& facts);

}  // namespace vdm::proxy
