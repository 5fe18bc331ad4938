#pragma once

#include <string>

#include "common/settings/setting.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// A Config in the making, with what is decided only when all is read.
struct ConfigDraft {
  Config config{};
  HttpUpstreams http_upstreams = HttpUpstreams::LoopbackOnly;
  bool open_bind_meant = false;
  std::string metrics_host = "127.0.0.1";
  std::uint16_t metrics_port = 8083;
};

/// How often a request may be sent again: of the proxy, a provider or a profile.
inline constexpr settings::Rule RetriesRule = settings::count(0, 10);

/// Every setting of the proxy by name, and the member of `draft` it goes to: what load() reads, and
/// what the README and the example file are checked against. Providers have names of their own
/// (see routing/discovery.h). Pure.
settings::Settings settings_of(ConfigDraft& draft);

}  // namespace vdm::proxy
