#include "proxy-service/http1/passed_fields.h"

#include <gtest/gtest.h>

#include "proxy-service/http1/response_head.h"

namespace vdm::http1::passed_fields_test {
namespace {

/// Whether the field passes, as the head of an answer has it.
bool passes(std::string_view line, const PassedFields& passed = {}) {
  const std::string text = "HTTP/1.1 200 OK\r\n" + std::string(line) + "\r\n\r\n";
  ResponseHead head;
  EXPECT_EQ(head.read(text), Progress::Complete) << line;
  return passed.pass(head.fields()[0]);
}

TEST(PassedFields, AreThoseThatClientsRead) {
  for (const std::string_view line : {"content-type: a/b",
                                      "Date: now",
                                      "Retry-After: 1",
                                      "retry-after-ms: 1",
                                      "X-Should-Retry: true",
                                      "request-id: r",
                                      "x-ratelimit-remaining-requests: 1",
                                      "X-RateLimit-Limit: 1",
                                      "RateLimit: 1",
                                      "ratelimit-reset: 1",
                                      "anthropic-ratelimit-unified-status: a",
                                      "Anthropic-Organization-Id: a",
                                      "anthropic-version: v",
                                      "anthropic-beta: b",
                                      "openai-organization: o",
                                      "openai-project: p",
                                      "openai-beta: b",
                                      "openai-processing-ms: 1",
                                      "OpenAI-Model: m",
                                      "x-codex-primary-used-percent: 1",
                                      "x-models-etag: e",
                                      "x-reasoning-included: true",
                                      "ETag: e",
                                      "last-modified: l",
                                      "content-disposition: attachment",
                                      "content-range: bytes 0-1/2",
                                      "accept-ranges: bytes",
                                      "cache-control: no-cache",
                                      "content-language: en",
                                      "expires: 0",
                                      "location: /v1/files/a"}) {
    EXPECT_TRUE(passes(line)) << line;
  }
}

TEST(PassedFields, AreNoOthers) {
  for (const std::string_view line : {"Access-Control-Allow-Origin: *",
                                      "access-control-expose-headers: *",
                                      "set-cookie: a=b",
                                      "Set-Cookie2: a",
                                      "server: s",
                                      "via: v",
                                      "strict-transport-security: s",
                                      "alt-svc: h3",
                                      "x-accel-redirect: /etc",
                                      "X-Sendfile: /etc/passwd",
                                      "x-vandamme-provider: p",
                                      "x-request-id: r",
                                      "x-upstream-request-id: r",
                                      "www-authenticate: Basic",
                                      "content-encoding: gzip",
                                      "content-security-policy: c",
                                      "clear-site-data: *",
                                      "refresh: 0",
                                      "link: <a>",
                                      "content-location: /a",
                                      "x-powered-by: p",
                                      "cf-ray: c",
                                      "x-codexes: c",
                                      "openai: o",
                                      "anthropic: a",
                                      "xx: x",
                                      "retry-afterwards: r",
                                      "trailer: a"}) {
    EXPECT_FALSE(passes(line)) << line;
  }
}

TEST(PassedFields, AreNoLocationOfAnotherHost) {
  for (const std::string_view location :
       {"https://other.example/v1/x", "http://127.0.0.1:1/", "//other.example/x",
        "/\\other.example", "javascript:x", "files/a", "\\\\other"}) {
    EXPECT_FALSE(passes("location: " + std::string(location))) << location;
  }
}

TEST(PassedFields, AreAddedByNameAndByBeginning) {
  const PassedFields passed({"CF-Ray", "x-served-*", "Server"});

  EXPECT_TRUE(passes("cf-ray: c", passed));
  EXPECT_TRUE(passes("X-Served-By: c", passed));
  EXPECT_TRUE(passes("server: s", passed)) << "a name that the parser knows, too";
  EXPECT_TRUE(passes("x-should-retry: true", passed));
  EXPECT_FALSE(passes("cf-rays: c", passed));
  EXPECT_FALSE(passes("set-cookie: c", passed));
  EXPECT_FALSE(passes("location: http://other/", passed));
}

TEST(PassedFields, MayNotBeAddedIfTheyBindABrowserOrSteerAServer) {
  for (const std::string_view name : {"cf-ray", "cf-*", "server", "x-served-by", "x-ms-*", "Via"}) {
    EXPECT_TRUE(PassedFields::may_be_added(name)) << name;
  }
  for (const std::string_view name : {"",
                                      "*",
                                      "x-*",
                                      "a*",
                                      "s*",
                                      "set-cookie",
                                      "Set-Cookie",
                                      "set-*",
                                      "access-control-*",
                                      "access-control-allow-origin",
                                      "x-accel-redirect",
                                      "x-a*",
                                      "content-length",
                                      "connection",
                                      "proxy-authenticate",
                                      "p*",
                                      "location",
                                      "x-vandamme-provider",
                                      "vary",
                                      "a b",
                                      "a:",
                                      "c*f"}) {
    EXPECT_FALSE(PassedFields::may_be_added(name)) << name;
  }
}

}  // namespace
}  // namespace vdm::http1::passed_fields_test
