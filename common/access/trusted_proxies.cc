#include "common/access/trusted_proxies.h"

#include <algorithm>
#include <ranges>

namespace vdm {
namespace {

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view Blanks = " \t";
  const std::size_t begin = std::min(text.find_first_not_of(Blanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(Blanks) + 1);
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (const auto range = parse_ip_range(text)) ranges_.push_back(*range);
  }
}

bool TrustedProxies::trusts(const IpAddress& address) const {
  return std::ranges::any_of(ranges_,
                             [&](const IpRange& range) { return range.contains(address); });
}

IpAddress TrustedProxies::client_of(const IpAddress& peer,
                                    std::span<const std::string_view> forwarded) const {
  IpAddress client = peer;
  for (std::string_view list : forwarded | std::views::reverse) {
    while (trusts(client)) {
      const std::size_t comma = list.rfind(',');
      const bool is_first = comma == std::string_view::npos;
      const std::string_view last = without_blanks(is_first ? list : list.substr(comma + 1));
      const auto named = parse_ip_endpoint(last);
      if (!named) return client;
      client = *named;
      if (is_first) break;
      list = list.substr(0, comma);
    }
    if (!trusts(client)) break;
  }
  return client;
}

}  // namespace vdm
