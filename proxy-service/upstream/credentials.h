#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proto/contract/event.h"
#include "proxy-service/http1/head_writer.h"
#include "proxy-service/routing/client_credential.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// The one place that writes a provider's key into a head. Thread: any.

inline constexpr std::string_view AnthropicVersion = "2023-06-01";

/// Whether the provider's configuration sets a header of that name, which then replaces ours
/// and the client's.
bool has_custom_header(const Provider& provider, std::string_view name);

/// The client of a request to a provider, and what it shows.
struct Caller {
  const ClientCredential& own;
  Dialect dialect = Dialect::OpenAi;
};

/// Writes the provider's custom headers and a key, as its door reads it; `key` is the index among
/// the provider's own. The client's credential goes in the field it came in, if the door reads that
/// one; the caller has asked may_have(). Unauthorized when there is none to write.
Result<void> write_credentials(http1::HeadWriter& head, const Provider& provider, const Door& door,
                               std::size_t key, const Caller& caller);

/// What write_credentials() shows the provider, as reports name it.
Credential credential_shown(const Provider& provider, const ClientCredential& own);

/// A request that the gateway makes for itself: for a list of models, or as a probe.
struct OwnRequest {
  std::string_view method;
  Endpoint endpoint;
  std::string_view query = {};
  std::optional<std::size_t> body_bytes = {};  ///< the size of its JSON body, if it has one
};

/// The whole head of `request` at one of the provider's doors, with the first of its keys.
Result<std::string> own_request_head(const Provider& provider, const Door& door,
                                     const Caller& caller, const OwnRequest& request);

}  // namespace vdm::proxy
