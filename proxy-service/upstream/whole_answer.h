#pragma once

#include <cstddef>
#include <string>

#include "proxy-service/http1/response_head.h"
#include "proxy-service/upstream/call.h"

namespace vdm::proxy {

/// A provider's answer that was read to its end.
struct WholeAnswer {
  const http1::ResponseHead* head;  ///< the call's own
  std::string body;
};

/// The provider's timeouts for an answer that no model has to think about.
UpstreamTimeouts prompt_timeouts(const Provider& provider);

/// Asks a provider something that is no completion: nothing is reported, and the answer is read
/// whole before anybody sees it. An answer of more than `bytes_max`, a redirect, a cut one:
/// UpstreamRejected. Thread: its IoThread.
Task<Result<WholeAnswer>> fetch_whole(UpstreamCall& call, const UpstreamRequest& request,
                                      std::size_t bytes_max);

}  // namespace vdm::proxy
