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

/// Whether the provider's configuration sends a header of that name, which then replaces ours
/// and the client's.
bool has_custom_header(const Provider& provider, std::string_view name);

/// The provider's custom headers and its key. `key`: which of its own. Unauthorized when the
/// provider wants the client's own key and the client sent none.
Result<void> write_credentials(http1::HeadWriter& head, const Provider& provider, std::size_t key,
                               const Secret& client_key);

/// A request of the gateway's own, as a list of models or a probe is.
struct OwnRequest {
  std::string_view method;
  Endpoint endpoint;
  std::string_view query = {};
  std::optional<std::size_t> body_bytes = {};  ///< of a JSON body
};

/// The whole head of such a request, with the first of the provider's keys.
Result<std::string> own_request_head(const Provider& provider, const Secret& client_key,
                                     const OwnRequest& request);

}  // namespace vdm::proxy
