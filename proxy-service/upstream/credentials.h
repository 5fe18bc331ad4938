#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "proxy-service/http1/head_writer.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// The one place that writes a provider's key into a head. Thread: any.

inline constexpr std::string_view AnthropicVersion = "2023-06-01";

/// Whether the provider's configuration sets a header of that name, which then replaces ours
/// and the client's.
bool has_custom_header(const Provider& provider, std::string_view name);

/// Writes the provider's custom headers and a key; `key` is the index among the provider's own.
/// Unauthorized when the provider is called with the client's own key and the client sent none.
Result<void> write_credentials(http1::HeadWriter& head, const Provider& provider, std::size_t key,
                               const Secret& client_key);

/// A request that the gateway makes for itself: for a list of models, or as a probe.
struct OwnRequest {
  std::string_view method;
  Endpoint endpoint;
  std::string_view query = {};
  std::optional<std::size_t> body_bytes = {};  ///< the size of its JSON body, if it has one
};

/// The whole head of `request`, with the first of the provider's keys.
Result<std::string> own_request_head(const Provider& provider, const Secret& client_key,
                                     const OwnRequest& request);

}  // namespace vdm::proxy
