#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vdm::cli {

/// What Claude Code can be told of a proxy's models. Pure. Thread: any.

/// An alias in the proxy's GET /v1/models in Anthropic's form.
struct ListedAlias {
  std::string id;                    ///< what Claude Code asks for: "claude/fast"
  std::string alias;                 ///< "fast"
  std::string target;                ///< "open:small"
  std::uint64_t context_tokens = 0;  ///< 0: not known
};

/// The aliases in the proxy's order; none when the body is no list.
std::vector<ListedAlias> listed_aliases(std::string_view body);

/// Who answers a name, as the proxy's GET /v1/facts says.
struct AnsweringModel {
  std::string model;                 ///< the provider's name of it
  std::uint64_t context_tokens = 0;  ///< 0: not known
};

/// Nothing when the body says no such thing.
std::optional<AnsweringModel> answering_model(std::string_view body);

}  // namespace vdm::cli
