#pragma once

#include <string>

#include "common/settings/setting.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// A Config under construction, with values that load() combines after it has read everything.
struct ConfigDraft {
  Config config{};
  HttpUpstreams http_upstreams = HttpUpstreams::LoopbackOnly;
  Affinity key_affinity = Affinity::Session;
  bool open_bind_meant = false;
  std::string metrics_host = "127.0.0.1";
  std::uint16_t metrics_port = 8083;
};

/// How often a request may be sent again; for the proxy, a provider and a profile.
inline constexpr settings::Rule RetriesRule = settings::count(0, 10);

/// The table of the proxy's settings, each with the member of `draft` it goes to. load() reads it,
/// and tests check the README and the example file against it. Providers are not in it: their
/// variables contain the provider's name (see routing/discovery.h). Pure.
settings::Settings settings_of(ConfigDraft& draft);

}  // namespace vdm::proxy
