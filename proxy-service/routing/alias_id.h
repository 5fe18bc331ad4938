#pragma once

#include <string>
#include <string_view>

namespace vdm::proxy {

/// The ids under which aliases stand in a list of models. Claude Code (2.1.332) drops every id of a
/// gateway's list that has neither "claude" nor "anthropic" in it, earlier ones those that do not
/// begin so. And it gives an id with a model's name in it that model's window, so that the id must
/// have none: "claude/fast" it takes for a model that it does not know. Pure.

/// "claude/fast" for "fast"; an alias that Claude Code accepts by its own name keeps it.
std::string alias_id(std::string_view alias);

/// "fast" for "claude/fast"; empty for what is no such id.
std::string_view alias_of_id(std::string_view id);

/// Whether Claude Code accepts a model of that name in a list.
bool is_accepted_id(std::string_view id);

}  // namespace vdm::proxy
