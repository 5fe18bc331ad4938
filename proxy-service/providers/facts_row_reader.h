#pragma once

#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// Reads one row of a facts file. `path` names the row in the faults. Pure.
FactsRow read_facts_row(const boost::json::value& value, const std::string& path,
                        std::vector<std::string>& faults);

/// "expected …, got …" with the path, and a value that is short enough to show.
std::string facts_fault(const std::string& path, std::string_view expected,
                        const boost::json::value& got);

}  // namespace vdm::proxy
