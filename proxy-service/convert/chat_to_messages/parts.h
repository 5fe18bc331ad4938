#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// Appends an OpenAI message's content (a string, parts or nothing) as Anthropic blocks. It leaves
/// out an empty text, which Anthropic refuses, and cache marks for who takes none. It refuses a
/// part that has no counterpart; the error names it.
Result<void> append_blocks(const boost::json::value& content, const FieldPath& path,
                           const ModelFacts& facts, boost::json::array& blocks);

boost::json::object text_block(std::string_view text);

}  // namespace vdm::proxy
