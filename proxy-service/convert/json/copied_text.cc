#include "proxy-service/convert/json/copied_text.h"

#include "proxy-service/body/json_text.h"

namespace vdm::proxy {

bool read_copied_text(JsonWalk& walk, std::string_view& text) {
  const auto found = walk.string_or_skip();
  if (!found || found->empty()) return true;
  text = *found;
  return escapes_are_legal(text);
}

bool read_raw(JsonWalk& walk, std::string_view json, std::string_view& raw) {
  const std::size_t begin = walk.offset();
  if (!walk.skip()) return false;
  raw = json.substr(begin, walk.offset() - begin);
  while (!raw.empty() && static_cast<unsigned char>(raw.back()) <= ' ') raw.remove_suffix(1);
  return true;
}

}  // namespace vdm::proxy
