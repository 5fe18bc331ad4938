#pragma once

#include <string_view>

#include "proxy-service/providers/facts_reader.h"
#include "proxy-service/providers/facts_table.h"

namespace vdm::proxy {

/// Reads LiteLLM's model_prices_and_context_window.json: prices, windows, and what its `supports_*`
/// words tell. Entries of other modes than chat, and members of a form that it does not expect, are
/// left out: the file is not ours. `known` maps LiteLLM's names of providers to ours. False when
/// the text is no such file. Pure.
bool read_litellm(std::string_view text, const FactsTable& known, FactsDocuments& out);

}  // namespace vdm::proxy
