#include "proxy-service/worker/page_access.h"

#include <string>

#include <gtest/gtest.h>

namespace vdm::proxy::page_access_test {
namespace {

Page page_of(const std::string& fields, const PageAccess& pages = PageAccess({})) {
  const std::string text =
      "POST /v1/messages HTTP/1.1\r\nHost: gw.example:8082\r\n" + fields + "\r\n";
  http1::RequestHead head;
  EXPECT_EQ(head.read(text), http1::Progress::Complete);
  return pages.page_of(head);
}

bool foreign(const std::string& fields) { return page_of(fields).foreign; }

TEST(PageAccess, KnowsAProgramFromAPage) { EXPECT_FALSE(foreign("")); }

TEST(PageAccess, KnowsPagesOfItsOwnAddress) {
  EXPECT_FALSE(foreign("Origin: http://gw.example:8082\r\n"));
  EXPECT_FALSE(foreign("Origin: https://GW.example:8082\r\n")) << "TLS may end in front of it";
  EXPECT_FALSE(foreign("Origin: http://gw.example:8082\r\nSec-Fetch-Site: same-origin\r\n"));
  EXPECT_FALSE(foreign("Sec-Fetch-Site: none\r\n")) << "an address that a person typed";
}

TEST(PageAccess, KnowsPagesOfOtherSites) {
  for (const std::string fields :
       {"Origin: https://evil.example\r\n", "Origin: null\r\n", "Origin: \r\n",
        "Origin: http://gw.example\r\n", "Origin: http://gw.example:8083\r\n",
        "Origin: http://gw.example:80820\r\n", "Origin: gw.example:8082\r\n",
        "Origin: http://x@gw.example:8082\r\n", "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n", "Sec-Fetch-Site: Same-Origin\r\n", "Sec-Fetch-Site: \r\n",
        "Origin: http://gw.example:8082\r\nSec-Fetch-Site: cross-site\r\n",
        "Origin: https://evil.example\r\nSec-Fetch-Site: same-origin\r\n"}) {
    EXPECT_TRUE(foreign(fields)) << fields;
  }
}

TEST(PageAccess, TakesTheOriginsThatAreNamed) {
  const PageAccess pages(
      {.proxy_api_key = {}, .allowed_hosts = {}, .allowed_origins = {"https://app.example"}});

  const Page named =
      page_of("Origin: https://App.example\r\nSec-Fetch-Site: cross-site\r\n", pages);

  EXPECT_FALSE(named.foreign);
  EXPECT_EQ(named.origin, "https://app.example");
  EXPECT_TRUE(page_of("Origin: https://app.example:444\r\n", pages).foreign);
  EXPECT_TRUE(page_of("Origin: http://app.example\r\n", pages).foreign);
  EXPECT_TRUE(page_of("Sec-Fetch-Site: cross-site\r\n", pages).foreign);
  EXPECT_EQ(page_of("Origin: http://gw.example:8082\r\n", pages).origin, "");
}

}  // namespace
}  // namespace vdm::proxy::page_access_test
