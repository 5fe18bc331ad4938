#pragma once

#include <cstdint>
#include <string>

namespace vdm::proxy {

/// What the conversion of an answer needs besides the answer. Plain data.
struct ResponseOptions {
  std::string id{};          ///< msg_… or chatcmpl-…, as in the client's dialect
  std::string model{};       ///< the model's name in the client's request
  std::int64_t created = 0;  ///< seconds since 1970; only in OpenAI's dialect
};

}  // namespace vdm::proxy
