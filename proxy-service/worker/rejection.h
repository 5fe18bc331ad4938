#pragma once

#include "proto/contract/event.h"
#include "proxy-service/worker/client_connection.h"
#include "proxy-service/worker/refusal.h"

namespace vdm::proxy {

/// Completions that are refused before their route is found, and so before a report of them
/// begins. Such a request has an end and no start. Thread: the client's IoThread.

/// Counts one, and decides whether it is to be recorded too: see RejectionLimit.
bool count_rejection(ClientConnection& client, const Refusal& refusal);

/// Records one for which count_rejection() said so. `begun`: when its head was complete.
void record_rejection(const Worker& worker, FactsPtr facts, const Refusal& refusal,
                      MonotonicTime begun);

}  // namespace vdm::proxy
