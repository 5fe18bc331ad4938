#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/base/clock.h"
#include "common/http1/fields.h"

namespace vdm::proxy {

/// How long a provider that refuses asks to wait: from retry-after-ms, from Retry-After, or with a
/// 429 from the fields that say when its limits are renewed (x-ratelimit-reset-tokens and the
/// like): those of limits with nothing left, or the first of all. Nothing when it says nothing; at
/// most a day. Pure.
std::optional<std::chrono::milliseconds> asked_wait(int status, const http1::Fields& fields,
                                                    SystemTime now);

/// A limit's renewal as makers write it: "6m30.5s" or "120ms" (OpenAI, Groq), seconds (Cerebras),
/// seconds or milliseconds since 1970 (OpenRouter), or "2026-08-10T12:10:00Z" (Anthropic).
std::optional<std::chrono::milliseconds> parse_renewal(std::string_view text, SystemTime now);

}  // namespace vdm::proxy
