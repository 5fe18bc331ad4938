#include "proxy-service/worker/page_access.h"

#include <algorithm>

namespace vdm::proxy {
namespace {

/// A page's own origin names the Host of its request, which the authenticator knows by now. The
/// scheme is not compared: a server in front may have ended TLS.
bool is_of_host(std::string_view origin, std::string_view host) {
  const std::size_t mark = origin.find("://");
  return mark != std::string_view::npos && !host.empty() &&
         http1::equal_ignoring_case(origin.substr(mark + 3), host);
}

}  // namespace

Page PageAccess::page_of(const http1::RequestHead& head) const {
  const auto origin = head.fields().get(http1::FieldName::Origin);
  const auto site = head.fields().get(http1::FieldName::SecFetchSite);
  if (!origin && !site) return {};
  if (origin) {
    const auto named = std::ranges::find_if(origins_, [&origin](const std::string& each) {
      return http1::equal_ignoring_case(each, *origin);
    });
    if (named != origins_.end()) return {.origin = *named};
    if (!is_of_host(*origin, head.host())) return {.foreign = true};
  }
  // "none" is a person's doing: an address typed, a bookmark. "same-site" is another port or host.
  const bool own = !site || *site == "same-origin" || *site == "none";
  return {.foreign = !own};
}

}  // namespace vdm::proxy
