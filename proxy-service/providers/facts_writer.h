#pragma once

#include <boost/json/object.hpp>

#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// The facts as a row of a facts file, which read_facts_row() reads back. Pure.
boost::json::object facts_row_json(const ModelFacts& facts);

/// "messages", "chat", "responses".
std::string_view word_of(DoorDialect dialect);

}  // namespace vdm::proxy
