#include "metrics-service/cli/setup/config_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace vdm::cli {
namespace {

constexpr std::string_view Heading =
    "# Vandamme's configuration, written by `vdm init`. It holds keys: keep it to yourself.\n"
    "# The environment wins over it. Every setting there is, with its value and where that came\n"
    "# from: vdm config check --show\n";

bool is_bare_key(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || c == '-' || c == '_';
  });
}

std::string variable_of(std::string_view name) {
  std::string variable;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      variable.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(byte)));
    }
  }
  return variable + "_API_KEY";
}

}  // namespace

std::string config_text(const std::vector<NewProvider>& providers) {
  std::string text(Heading);
  if (providers.size() > 1) {
    text.append("\n[defaults]\n# Who is asked for a model without \"provider:\".\n");
    text.append("default-provider = ").append(toml_string(providers.front().name)).append("\n");
  }
  for (const NewProvider& provider : providers) {
    const bool bare = is_bare_key(provider.name);
    text.append("\n[providers.").append(bare ? provider.name : toml_string(provider.name));
    text.append("]\n");
    if (provider.key.empty()) {
      text.append("# Its key is expected in the environment, as ");
      text.append(variable_of(provider.name)).append(".\n");
    } else {
      text.append("# Several keys, with blanks between, are used in turn.\n");
      text.append("api-key = ").append(toml_string(provider.key.reveal())).append("\n");
    }
    if (!provider.base_url.empty()) {
      text.append("base-url = ").append(toml_string(provider.base_url)).append("\n");
    }
    if (!provider.api_format.empty()) {
      text.append("api-format = ").append(toml_string(provider.api_format)).append("\n");
    }
  }
  return text;
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04X", static_cast<unsigned>(byte));
      out.append(escaped.data());
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace vdm::cli
