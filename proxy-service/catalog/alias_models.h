#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// An alias as one model of a list in Anthropic's form, under an id that Claude Code accepts.
struct AliasModel {
  std::string id;      ///< see alias_id()
  std::string alias;   ///< "fast", "night:fast"
  std::string target;  ///< "open:small"; of several the first
  std::size_t others = 0;
  std::int64_t context_tokens = 0;     ///< the smallest of its targets' windows; 0: not known
  std::int64_t output_tokens_max = 0;  ///< likewise
};

/// The aliases that hold without a provider's name before them, then those of the profiles; only
/// the profile's when one is named. Left out: built-in aliases for a model that Claude Code accepts
/// by its own name. No provider is called. Thread: its IoThread.
std::vector<AliasModel> alias_models(const Worker& worker, Dialect client,
                                     std::string_view profile = {});

/// The list, which is in Anthropic's form, with these models first. Pure.
std::string with_alias_models(std::string_view anthropic_list,
                              const std::vector<AliasModel>& aliases);

}  // namespace vdm::proxy
