#pragma once

#include <optional>

#include "common/http1/request_head.h"
#include "proxy-service/serve/routes.h"
#include "proxy-service/worker/refusal.h"

namespace vdm::proxy {

/// Whether a route's body is of a type that it takes: JSON, and a form where files are sent. Any
/// web page may have a browser send text or a form of fields to any address; JSON only where the
/// address allows it. So a body without a type is none of JSON; but a request without a body needs
/// no type.
bool takes_type(const Route& route, const http1::RequestHead& head);

/// The refusal of any other: it says what was sent and what is expected.
Refusal wrong_type(const Route& route, const http1::RequestHead& head);

}  // namespace vdm::proxy
