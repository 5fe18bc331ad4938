#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proto/contract/event.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// Writes a whole answer as a stream in the same dialect, for a client that asked for a stream when
/// the provider sent none. It copies members and blocks that it does not know. Fails with
/// UpstreamRejected when `answer` is no answer of that dialect. Pure.
Result<std::string> stream_of_answer(Dialect dialect, const boost::json::object& answer,
                                     UsageChunk usage);

}  // namespace vdm::proxy
