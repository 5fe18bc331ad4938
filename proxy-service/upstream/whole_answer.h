#pragma once

#include <cstddef>
#include <string>

#include "proxy-service/http1/response_head.h"
#include "proxy-service/upstream/call.h"

namespace vdm::proxy {

/// A provider's answer that was read to its end.
struct WholeAnswer {
  const http1::ResponseHead* head;  ///< the call owns it
  std::string body;
};

/// The provider's timeouts for an answer that no model generates: at most 30 s to its first byte.
UpstreamTimeouts prompt_timeouts(const Provider& provider);

/// Sends a provider a request that is no completion, and reads the whole answer; no event reports
/// it. An answer of more than `bytes_max`, a redirect or an answer cut short is UpstreamRejected.
/// Thread: its IoThread.
Task<Result<WholeAnswer>> fetch_answer(UpstreamCall& call, const UpstreamRequest& request,
                                       std::size_t bytes_max);

}  // namespace vdm::proxy
