#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/http1/head_writer.h"
#include "proxy-service/routing/provider.h"
#include "proxy-service/serve/completion_call.h"

namespace vdm::proxy {

/// Writes the head of a request to a provider, ended: the client's own headers as
/// far as they are passed on, the provider's key in its dialect's way, its custom
/// headers. Unauthorized when the provider wants the client's key and there is none.
Result<void> write_upstream_head(std::string& text, const Provider& provider,
                                 const CompletionCall& call, std::size_t content_length);

/// The provider's key and what its dialect always wants, for requests of our own.
Result<void> write_credentials(http1::HeadWriter& head, const Provider& provider,
                               const Secret& client_key);

}  // namespace vdm::proxy
