#pragma once

#include <boost/json/object.hpp>

#include "proxy-service/convert/json/field.h"
#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// A client marks the last block of what a provider should cache, in either dialect with the same
/// member. Without its marks a long conversation is billed whole, turn by turn. Pure. Thread: any.

inline bool has_cache_mark(const boost::json::object& block) {
  return find(block, "cache_control") != nullptr;
}

/// Copies the mark to what a block became, for a model that takes marks.
inline void copy_cache_mark(const boost::json::object& from, const ModelFacts& facts,
                            boost::json::object& to) {
  if (!facts.has(Trait::TakesCacheControl)) return;
  if (const boost::json::value* mark = find(from, "cache_control")) to["cache_control"] = *mark;
}

/// The same for a tool: some models take marks, but none there.
inline void copy_tool_cache_mark(const boost::json::object& from, const ModelFacts& facts,
                                 boost::json::object& to) {
  if (facts.has(Trait::TakesCacheControlOnTools)) copy_cache_mark(from, facts, to);
}

}  // namespace vdm::proxy
