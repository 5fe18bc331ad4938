#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy-service/convert/json/wire_json.h"

namespace vdm::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// A refusal is short plain ASCII that names fields and quotes nothing of the input.
inline void require_plain(const Error& error) {
  require(!error.message.empty() && error.message.size() < 512);
  require(std::ranges::all_of(error.message, [](char c) { return c >= ' ' && c <= '~'; }));
}

/// A conversion's output must be JSON; arguments that it embeds may nest deeply.
inline void require_json(const boost::json::object& written) {
  const auto again = proxy::parse_body(proxy::json_text(written));
  require(again || again.error().message.find("levels") != std::string::npos);
  require(!again || *again == written);
}

}  // namespace vdm::fuzz
