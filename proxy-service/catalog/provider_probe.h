#pragma once

#include <string>

#include "proxy-service/catalog/model_catalog.h"

namespace vdm::proxy {

/// GET /test-connection: sends one tiny real request to the default provider or to `provider`, for
/// `model` or else a small one. It costs money, so only one runs in the whole process, and pages of
/// other sites are refused. It is not a client's request and is not reported. 200 says success or
/// skipped; 503 says failed, with what to check. Thread: its IoThread.
Task<Answer> probe_provider(ClientConnection& client, ModelCatalog& models,
                            const ModelQuestion& question);

}  // namespace vdm::proxy
