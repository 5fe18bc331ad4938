#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "proto/contract/event.h"

namespace vdm::proxy {

enum class ModelFormat : std::uint8_t { Anthropic, OpenAi, Raw, Facts };
inline constexpr std::size_t ModelFormats = 4;

/// "anthropic", "openai", "raw" or "facts"; empty means the client's dialect. Pure.
Result<ModelFormat> model_format(std::string_view name, Dialect client);

/// Marks a list that is old because its provider could not be asked again.
struct ListMark {
  bool stale = false;
  SystemTime at{};  ///< when the list was fetched
};

/// A provider's list of models in a client's format. A raw list carries no mark. Pure.
Result<std::string> model_list(std::string_view provider_json, ModelFormat format,
                               const ListMark& mark = {});

/// The model of that name in a client's format; NotFound when the list has none. Pure.
Result<std::string> model_of_list(std::string_view provider_json, std::string_view id,
                                  ModelFormat format);

/// The names of all its models. Pure.
std::vector<std::string> model_names(std::string_view provider_json);

/// The name of the list's first model. Pure.
std::optional<std::string> first_model(std::string_view provider_json);

/// The decoded value of the query's first parameter of that name; empty when there is none.
std::string query_value(std::string_view query, std::string_view name);
/// Decodes a path's escapes: %20 becomes a blank, '+' stays.
std::string path_value(std::string_view path);

}  // namespace vdm::proxy
