#pragma once

#include <boost/json/fwd.hpp>

#include "proxy-service/convert/request_options.h"

namespace vdm::proxy {

/// Writes how hard the client asks the model to think, in the member that the model takes. `out`
/// holds the converted tools already: some models take no effort beside them. Pure.
void put_thinking(const boost::json::object& request, const RequestOptions& options,
                  boost::json::object& out);

}  // namespace vdm::proxy
