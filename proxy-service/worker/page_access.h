#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http1/request_head.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// The web page that makes a request. Browsers say which, and no page can say it for them; other
/// programs say nothing, so they are of no page.
struct Page {
  /// It is neither of this gateway's own address nor of a named origin: nothing may be done for it.
  bool foreign = false;
  /// The named origin that the page is of; empty: of none. It lives as long as the PageAccess.
  std::string_view origin{};
};

/// Which pages may call: those of this gateway's own address, and those of the origins that the
/// configuration names. Thread: any.
class PageAccess {
 public:
  explicit PageAccess(const Access& access) : origins_(access.allowed_origins) {}

  Page page_of(const http1::RequestHead& head) const;
  /// Whether any origin is named, so that answers differ by the origin of the page.
  bool names_any() const { return !origins_.empty(); }

 private:
  std::vector<std::string> origins_;  ///< in lower case
};

}  // namespace vdm::proxy
