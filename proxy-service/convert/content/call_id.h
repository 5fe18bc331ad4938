#pragma once

#include <string>
#include <string_view>

#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// The id of a tool call in the form that the target takes. The same id is always written alike, so
/// a call and its result still match, in this request and in the next. Pure.
std::string call_id_for(std::string_view id, CallIds wanted);

}  // namespace vdm::proxy
