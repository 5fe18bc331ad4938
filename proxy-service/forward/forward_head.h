#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "proxy-service/completion/client_request.h"
#include "proxy-service/forward/forward_request.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// How the body behind a head is framed for the provider.
struct ForwardFraming {
  bool chunked = false;
  std::optional<std::uint64_t> length{};  ///< nothing: there is no body, or it is chunked
};

/// The head of a request as the provider gets it: the client's, with the key and the framing that
/// are ours. `key` is the index of the provider's key. Unauthorized as UpstreamHead::write().
Result<std::string> forward_head(const Provider& provider, const Door& door, std::size_t key,
                                 const ClientRequest& request, const ForwardRequest& forward,
                                 const ForwardFraming& framing);

}  // namespace vdm::proxy
