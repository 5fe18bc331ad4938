#pragma once

#include <cstddef>
#include <string_view>

#include "proxy-service/body/request_scan.h"
#include "proxy-service/worker/client_connection.h"
#include "proxy-service/worker/heavy_work.h"

namespace vdm::proxy {

inline bool is_large(std::string_view body) { return body.size() > HeavyWork::BytesMin; }

/// Objects, arrays and members that a large body may have, even where it is passed on as it is: the
/// scan needs up to eight bytes for each.
inline constexpr std::size_t ScannedValuesMax = 8'388'608;

/// Scans a large body away from the I/O thread, with a scanner of its own, whose memory for such a
/// body goes at once. `body` must last. Thread: its IoThread.
Task<Result<RequestScan>> scan_large(ClientConnection& client, std::string_view body);

}  // namespace vdm::proxy
