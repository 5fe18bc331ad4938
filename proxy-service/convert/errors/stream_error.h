#pragma once

#include <string>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/convert/errors/provider_error.h"

namespace vdm::proxy {

/// Reads the error in an event's data: it comes without a status, so its code or type determines
/// that. Appends the event that reports it to the client, in the client's dialect, and returns it,
/// its message cut as for a report. Pure.
ProviderError append_stream_error(Dialect client, std::string_view data,
                                  std::string_view request_id, std::string& out);

}  // namespace vdm::proxy
