#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace vdm::cli {

/// One model of the proxy's GET /v1/models, with the fields that a person reads. Pure. Thread: any.
struct ModelRow {
  std::string id{};
  std::string owner{};
  std::string created{};             ///< a date; empty when the provider gives none
  std::uint64_t context_tokens = 0;  ///< 0: not known
  std::uint64_t output_tokens_max = 0;
  std::optional<double> input_price{};  ///< US dollars per million tokens
  std::optional<double> output_price{};
  std::string reasoning{};  ///< "effort", "budget", "adaptive", "switch"; empty: none
  std::string input{};      ///< "text, image"
};

/// The models in the provider's order.
Result<std::vector<ModelRow>> model_rows(std::string_view body);

/// The same body on one line; characters that a terminal would act on are escaped.
std::string model_json(std::string_view body);

/// The model that `vdm test` asks when the user names none: a small chat model, judged by its name.
/// Empty when there are no models.
std::string small_model(const std::vector<ModelRow>& rows);

}  // namespace vdm::cli
