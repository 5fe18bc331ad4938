#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace vdm::cli {

/// What GET /v1/models of the proxy lists, as far as a person looks at it. Pure. Thread: any.
struct ModelRow {
  std::string id{};
  std::string owner{};
  std::string created{};  ///< a date; empty when it is not said
};

/// In the provider's order.
Result<std::vector<ModelRow>> model_rows(std::string_view body);

/// The same body on one line, with what a terminal would obey escaped.
std::string model_json(std::string_view body);

/// The model a trial asks when none is named: a small one that chats, if one can be told by
/// its name. Empty when there are none.
std::string small_model(const std::vector<ModelRow>& rows);

}  // namespace vdm::cli
