#pragma once

#include <span>
#include <string>
#include <string_view>

#include "proxy-service/serve/client.h"
#include "proxy-service/serve/request_report.h"
#include "proxy-service/tap/tap.h"
#include "proxy-service/upstream/call.h"

namespace vdm::proxy {

/// What a relay works with, for the length of one answer.
struct RelayParts {
  Client& client;
  ReplyTerms& terms;
  UpstreamCall& call;
  Tap& tap;
  RequestReport& report;
};

/// Whether a failure that came instead of (or in) an answer is a timeout, the
/// client's leaving, the operator's or ours.
Ending ending_of(const Error& error, Interrupt interrupted);

/// Appends the provider's head as the client gets it: its status and fields, but
/// for the hop's own, its cookies, and what would bind the client to its host.
void append_head(http1::HeadWriter& head, const http1::ResponseHead& from);

/// Passes on an answer that is not a stream, byte for byte; the tap reads along.
/// One chunk is in flight at a time, so a slow client slows the provider. `request`:
/// its JSON, which what is reported of a failure may not repeat (see without_echo()).
Task<Ending> relay_whole(RelayParts parts, const http1::ResponseHead& head,
                         std::span<const std::string_view> request);

}  // namespace vdm::proxy
