#include "common/http/router.h"

#include <gtest/gtest.h>

#include "common/http/reply_writer.h"

namespace vdm::http::router_test {
namespace {

Handler nothing() {
  return [](const Request&, ReplyWriter&) -> Awaitable<void> { co_return; };
}

TEST(Router, TakesTheFirstRouteThatMatches) {
  Router router;
  router.get("/a/b", nothing()).get("/a/{id}", nothing());

  EXPECT_TRUE(router.find("GET", "/a/b").segments.empty());
  EXPECT_EQ(router.find("GET", "/a/c").segments.size(), 1u);
}

TEST(Router, DecodesASegmentAfterThePathWasSplit) {
  Router router;
  router.post("/requests/{id}/cancel", nothing());

  const auto match = router.find("POST", "/requests/a%2Fb%20c/cancel");

  ASSERT_TRUE(match.handler);
  ASSERT_EQ(match.segments.size(), 1u);
  EXPECT_EQ(match.segments[0].first, "id");
  EXPECT_EQ(match.segments[0].second, "a/b c");
}

TEST(Router, NeverMatchesAnEmptyOrMalformedSegment) {
  Router router;
  router.get("/requests/{id}", nothing());

  EXPECT_FALSE(router.find("GET", "/requests/").handler);
  EXPECT_FALSE(router.find("GET", "/requests").handler);
  EXPECT_FALSE(router.find("GET", "/requests/a/b").handler);
  EXPECT_FALSE(router.find("GET", "/requests/%zz").handler);
  EXPECT_FALSE(router.find("GET", "/requests/%00").handler);
}

TEST(Router, SaysWhichMethodsAKnownPathHas) {
  Router router;
  router.get("/a", nothing()).post("/a", nothing());

  const auto match = router.find("DELETE", "/a");

  EXPECT_FALSE(match.handler);
  EXPECT_EQ(match.allow, "GET, HEAD, POST");
  EXPECT_EQ(router.find("GET", "/b").allow, "");
}

TEST(Router, ServesHeadByTheGetRoute) {
  Router router;
  router.get("/a", nothing()).post("/b", nothing());

  EXPECT_TRUE(router.find("HEAD", "/a").handler);
  EXPECT_FALSE(router.find("HEAD", "/b").handler);
}

TEST(Router, LeavesEverythingBelowAnOpenEndToItsHandler) {
  Router router;
  router.get("/dashboard/*", nothing());

  EXPECT_TRUE(router.find("GET", "/dashboard/").handler);
  EXPECT_TRUE(router.find("GET", "/dashboard/a/b.js").handler);
  EXPECT_FALSE(router.find("GET", "/dashboard").handler);
  EXPECT_FALSE(router.find("GET", "/dashboards/x").handler);
}

}  // namespace
}  // namespace vdm::http::router_test
