#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vdm::proxy {

/// Model names as makers and resellers write them. Pure.

/// The name without a date, a "-latest" or a bracketed hint at its end, which name the same model:
/// "claude-haiku-4-5-20251001", "gpt-4o-2024-08-06", "claude-opus-5[1m]".
std::string_view without_date(std::string_view model);

/// The vendor before the slash: "openai" of "openai/gpt-5.4"; empty when there is none.
std::string_view vendor_of(std::string_view model);

/// The name without its vendor.
std::string_view without_vendor(std::string_view model);

/// Whether a provider that was asked for `asked` may answer as `answered` and mean the same model:
/// case, a vendor, a date and dots for dashes do not matter.
bool is_same_model(std::string_view asked, std::string_view answered);

}  // namespace vdm::proxy
