#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "proto/contract/event.h"

namespace vdm::proxy {

enum class ModelFormat : std::uint8_t { Anthropic, OpenAi, Raw };
inline constexpr std::size_t ModelFormats = 3;

/// "anthropic", "openai", "raw"; the client's dialect when nothing is said. Pure.
Result<ModelFormat> model_format(std::string_view name, Dialect client);

/// What is said of a list that its provider could not be asked for again.
struct ListMark {
  bool stale = false;
  SystemTime at{};  ///< when it came
};

/// A provider's list of models, written for a client. A raw one has no room for a mark. Pure.
Result<std::string> model_list(std::string_view provider_json, ModelFormat format,
                               const ListMark& mark = {});

/// The one of that name, written for a client; NotFound when there is none. Pure.
Result<std::string> model_of_list(std::string_view provider_json, std::string_view id,
                                  ModelFormat format);

/// The name of the first one. Pure.
std::optional<std::string> first_model(std::string_view provider_json);

/// The decoded value of a query's first member of that name; empty when there is none.
std::string query_value(std::string_view query, std::string_view name);
/// %20 -> a blank; '+' stays in a path.
std::string path_value(std::string_view path);

}  // namespace vdm::proxy
