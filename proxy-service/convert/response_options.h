#pragma once

#include <cstdint>
#include <string>

namespace vdm::proxy {

/// What a conversion of an answer is told rather than finds out. Plain data.
struct ResponseOptions {
  std::string id{};          ///< msg_… or chatcmpl-…, whichever the client's dialect has
  std::string model{};       ///< the name the client asked for
  std::int64_t created = 0;  ///< seconds since 1970; OpenAI's dialect alone says it
};

}  // namespace vdm::proxy
