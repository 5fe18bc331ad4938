#pragma once

#include <string>

#include "proxy-service/catalog/model_catalog.h"

namespace vdm::proxy {

/// GET /test-connection: one tiny real request to the default provider, or to `provider`, for
/// `model` or else a small one of its. It is paid for: one at a time in the whole process,
/// and not for a page of another site. Not a client's request: nothing is reported.
/// 200 says success or skipped, 503 failed with what to look at. Thread: its IoThread.
Task<Answer> probe_provider(ClientConnection& client, ModelCatalog& models,
                            const ModelQuestion& question);

}  // namespace vdm::proxy
