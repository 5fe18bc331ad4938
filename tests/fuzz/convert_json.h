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

/// A refusal names fields in plain ASCII, shortly: nothing of the input is in it.
inline void require_plain(const Error& error) {
  require(!error.message.empty() && error.message.size() < 512);
  require(std::ranges::all_of(error.message, [](char c) { return c >= ' ' && c <= '~'; }));
}

/// What a conversion wrote is JSON; arguments put back into it may make it deep.
inline void require_json(const boost::json::object& written) {
  const auto again = proxy::parse_body(proxy::json_text(written));
  require(again || again.error().message.find("levels") != std::string::npos);
  require(!again || *again == written);
}

}  // namespace vdm::fuzz
