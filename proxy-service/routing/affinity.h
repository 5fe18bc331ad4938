#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vdm::proxy {

/// Whether a session keeps what it was given, a target or a provider's key, so that it finds its
/// prompts in the provider's cache.
enum class Affinity : std::uint8_t { None, Session };

/// "none" or "session", as the configuration writes it; nothing for any other word.
constexpr std::optional<Affinity> affinity_of(std::string_view word) {
  if (word == "none") return Affinity::None;
  if (word == "session") return Affinity::Session;
  return std::nullopt;
}

}  // namespace vdm::proxy
