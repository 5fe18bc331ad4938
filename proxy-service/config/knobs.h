#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// Every setting by name, in one table: what load() reads, and what the README
/// and the example file are checked against. Providers have names of their own
/// (see routing/discovery.h). Pure.

/// A Config in the making, with what is decided only when all is read.
struct Draft {
  Config config;
  HttpUpstreams http_upstreams = HttpUpstreams::LoopbackOnly;
  bool open_bind_meant = false;
  bool request_timeout_set = false;
  bool all_bodies_set = false;
  bool public_url_set = false;
  bool data_dir_set = false;
  std::string metrics_host = "127.0.0.1";
  std::uint16_t metrics_port = 8083;
};

struct Knob {
  std::string_view env;
  std::string_view toml;          ///< "limits.body-bytes"; "" when only the environment has it
  std::string_view default_text;  ///< as one would write it; "" when there is none
  std::string_view what;
  /// Puts the value where it belongs. `key` is the name it was found under.
  Result<void> (*set)(Draft& draft, std::string_view key, const std::string& text);
};

/// In the order of the README's table. Where two settings touch the same thing,
/// the more particular one stands later and wins.
std::span<const Knob> knobs();

/// The words that say an open bind is meant.
inline constexpr std::string_view OpenBindWords = "yes-anyone-may-call";

}  // namespace vdm::proxy
