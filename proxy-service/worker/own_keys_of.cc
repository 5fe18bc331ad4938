#include "proxy-service/worker/own_keys_of.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "common/base/text.h"

namespace vdm::proxy {
namespace {

bool names_a_secret(std::string_view header) {
  constexpr std::array<std::string_view, 6> Words{"key",  "token",  "secret",
                                                  "auth", "cookie", "password"};
  const std::string name = lower(header);
  return std::ranges::any_of(Words,
                             [&name](std::string_view word) { return contains(name, word); });
}

/// Each word of "Bearer …" by itself.
void add_words(OwnKeys& keys, std::string_view value) {
  while (!value.empty()) {
    const std::string_view word = value.substr(0, value.find(' '));
    keys.add(Secret(std::string(word)));
    value.remove_prefix(std::min(word.size() + 1, value.size()));
  }
}

}  // namespace

OwnKeys own_keys_of(const Config& config) {
  OwnKeys keys;
  keys.add(config.access.proxy_api_key);
  for (const Provider& provider : config.providers) {
    for (const Secret& key : provider.keys) keys.add(key);
    for (const auto& [name, value] : provider.custom_headers) {
      if (names_a_secret(name)) add_words(keys, value);
    }
  }
  return keys;
}

}  // namespace vdm::proxy
