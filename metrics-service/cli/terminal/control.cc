#include "metrics-service/cli/terminal/control.h"

#include <array>
#include <cstdio>

namespace vdm::cli {

std::string harmless_json(std::string_view json) {
  std::string harmless;
  harmless.reserve(json.size());
  for (std::size_t at = 0; at < json.size(); ++at) {
    const Control control = control_at(json, at);
    if (control.bytes == 0) {
      harmless.push_back(json[at]);
      continue;
    }
    std::array<char, 8> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\u%04x", control.code & 0xffffu);
    harmless.append(escaped.data());
    at += control.bytes - 1;
  }
  return harmless;
}

}  // namespace vdm::cli
