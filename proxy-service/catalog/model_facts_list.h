#pragma once

#include <string>
#include <string_view>

#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// GET /v1/facts: what was learned from providers' refusals; with `model`, which rows of the facts
/// hold for it, and what they say. No provider is called. Thread: its IoThread.
Answer model_facts(const Worker& worker, std::string_view query, Dialect client);

/// What is known of a target's model, with what was learned of it.
ModelFacts facts_of(const Worker& worker, const Target& target);

/// A provider's list of models, each with its name, owner, date and its facts for a client of the
/// dialect.
Result<std::string> list_with_facts(const Worker& worker, std::size_t provider, Dialect client,
                                    std::string_view provider_json);

}  // namespace vdm::proxy
