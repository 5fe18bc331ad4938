#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proto/contract/event.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// A whole answer of that dialect as the stream it would have been, for a client that asked
/// for one and whose provider answered without. Members and blocks not known here go as they
/// are. What is no answer: UpstreamRejected. Pure.
Result<std::string> stream_of_answer(Dialect dialect, const boost::json::object& answer,
                                     UsageChunk usage);

}  // namespace vdm::proxy
