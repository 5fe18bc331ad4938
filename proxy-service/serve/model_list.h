#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proto/contract/event.h"

namespace vdm::proxy {

enum class ModelFormat : std::uint8_t { Anthropic, OpenAi, Raw };

/// "anthropic", "openai", "raw"; the client's dialect when nothing is said. Pure.
Result<ModelFormat> model_format(std::string_view name, Dialect client);

/// A provider's list of models, written for a client. Pure.
Result<std::string> model_list(std::string_view provider_json, ModelFormat format);

/// The decoded value of a query's first member of that name; empty when there is none.
std::string query_value(std::string_view query, std::string_view name);

}  // namespace vdm::proxy
