#include "proxy-service/config/toml_text.h"

#include <cstdint>
#include <sstream>

namespace vdm::proxy {

std::optional<std::string> as_text(const toml::node& node, std::string_view separator) {
  if (const auto* array = node.as_array()) {
    std::string joined;
    for (const auto& element : *array) {
      const auto text = as_text(element, separator);
      if (!text) return std::nullopt;
      joined.append(joined.empty() ? "" : separator).append(*text);
    }
    return joined;
  }
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto flag = node.value_exact<bool>()) return std::string(*flag ? "true" : "false");
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (const auto number = node.value_exact<double>()) {
    std::ostringstream text;
    text << *number;
    return text.str();
  }
  return std::nullopt;
}

}  // namespace vdm::proxy
