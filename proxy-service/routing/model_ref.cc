#include "proxy-service/routing/model_ref.h"

#include <algorithm>
#include <cctype>

namespace vdm::proxy {

std::optional<std::size_t> find_provider(const std::vector<Provider>& providers,
                                         std::string_view name) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == b; };
  for (std::size_t i = 0; i < providers.size(); ++i) {
    if (std::ranges::equal(name, providers[i].name, same)) return i;
  }
  return std::nullopt;
}

ModelRef parse_model_ref(std::string_view text, const std::vector<Provider>& providers) {
  ModelRef ref;
  if (text.starts_with('!')) {
    ref.literal = true;
    text.remove_prefix(1);
  }
  ref.model = text;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return ref;

  ref.provider = find_provider(providers, text.substr(0, colon));
  if (ref.provider) ref.model = text.substr(colon + 1);
  return ref;
}

Error no_key_of(std::string_view provider) {
  std::string message = "provider ";
  message.append(provider).append(" has no key: set ").append(env_prefix(provider));
  return {ErrorKind::UnknownModel, message.append("_API_KEY")};
}

}  // namespace vdm::proxy
