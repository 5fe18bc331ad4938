#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/host_port.h"
#include "proxy-service/providers/known_provider.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Works out a provider's doors: the known ones, or the one that base-url and api-format mean, and
/// those that have settings of their own. Pure.

/// A setting's value, and the name under which it was found.
struct FoundSetting {
  std::string key;
  std::string value;
};

/// What the configuration says of a provider's doors, as it is written.
struct DoorSettings {
  std::optional<FoundSetting>
      base_url{};  ///< with api_format: the only door, unless others are set
  std::optional<FoundSetting> api_format{};  ///< openai or anthropic
  std::optional<FoundSetting> messages_url{};
  std::optional<FoundSetting> chat_url{};
  std::optional<FoundSetting> responses_url{};
};

struct DoorTerms {
  std::string_view provider;             ///< its name, for faults
  const KnownProvider* known = nullptr;  ///< null: it is not known
  HttpUpstreams http = HttpUpstreams::LoopbackOnly;
  const HostPort& own;  ///< where the proxy listens: a door there would lead back to it
};

struct ProviderDoors {
  std::vector<Door> doors{};  ///< empty without faults: neither known nor set
  std::optional<BaseUrl> responses_url{};
  std::vector<std::string> faults{};   ///< each names the setting and the value
  std::vector<std::string> notices{};  ///< logged once at start
};

ProviderDoors provider_doors(const DoorSettings& settings, const DoorTerms& terms);

}  // namespace vdm::proxy
