#include "proxy-service/routing/provider.h"

#include <gtest/gtest.h>

#include "common/base/host_port.h"

namespace vdm::proxy::routing_provider_test {
namespace {

Result<BaseUrl> parse(std::string_view text, HttpUpstreams http = HttpUpstreams::LoopbackOnly) {
  return parse_base_url("X_BASE_URL", text, http);
}

TEST(ParseBaseUrl, SplitsHostPortAndPath) {
  const auto url = parse("https://API.Example.com:8443/v1/");

  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, Scheme::Https);
  EXPECT_EQ(url->host, "api.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path_prefix, "/v1");
  EXPECT_EQ(url->authority, "api.example.com:8443");
}

TEST(ParseBaseUrl, LeavesTheStandardPortOutOfTheHostHeader) {
  EXPECT_EQ(parse("https://api.example.com")->authority, "api.example.com");
  EXPECT_EQ(parse("https://api.example.com:443/")->authority, "api.example.com");
  EXPECT_EQ(parse("https://api.example.com")->port, 443);
  EXPECT_EQ(parse("http://127.0.0.1")->port, 80);
}

TEST(ParseBaseUrl, PutsBracketsBackAroundAnIpv6Address) {
  const auto url = parse("http://[::1]:9000/v1");

  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->authority, "[::1]:9000");
}

TEST(ParseBaseUrl, RefusesWhatIsNotAPlainUrl) {
  for (const char* text :
       {"", "api.example.com", "ftp://a", "https://", "https:///v1", "https://a b/", "https://a:0",
        "https://a:65536", "https://a:", "https://a:80x", "https://[::1", "https://[::1]x",
        "https://a/v1#f", "https://a/\r\nX: y", "https://::1/v1"}) {
    const auto url = parse(text);

    ASSERT_FALSE(url) << text;
    EXPECT_TRUE(url.error().message.starts_with("X_BASE_URL: expected a URL")) << text;
  }
}

TEST(ParseBaseUrl, NeverRepeatsAPasswordItRefuses) {
  for (const char* text :
       {"https://user:canary@a/v1", "https://user:/canary@a/v1", "https://a/v1?key=canary"}) {
    const auto url = parse(text);

    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().message.find("canary"), std::string::npos) << text;
  }
}

TEST(ParseBaseUrl, AllowsPlainHttpToThisMachineOnlyUnlessAskedTo) {
  EXPECT_TRUE(parse("http://localhost:1/v1"));
  EXPECT_TRUE(parse("http://127.0.0.2:1"));
  EXPECT_FALSE(parse("http://provider:8084/v1"));
  EXPECT_FALSE(parse("http://127.0.0.1.example.com/v1"));
  EXPECT_TRUE(parse("http://provider:8084/v1", HttpUpstreams::Anywhere));
}

TEST(UpstreamTarget, FollowsTheDialect) {
  const Door openai{.base_url = {.path_prefix = "/v1"}};
  const Door anthropic{.dialect = Dialect::Anthropic};

  EXPECT_EQ(upstream_target(openai, Endpoint::Completion), "/v1/chat/completions");
  EXPECT_EQ(upstream_target(openai, Endpoint::Models), "/v1/models");
  EXPECT_EQ(upstream_target(anthropic, Endpoint::Completion), "/v1/messages");
  EXPECT_EQ(upstream_target(anthropic, Endpoint::CountTokens), "/v1/messages/count_tokens");
}

TEST(UpstreamTarget, PassesTheClientsQueryOn) {
  const Provider provider;
  const auto target = [&](std::string_view query) {
    return upstream_target(provider, provider.doors.front(), Endpoint::Models, query);
  };

  EXPECT_EQ(target("a=1&&b"), "/models?a=1&b");
  EXPECT_EQ(target("api-version=1"), "/models?api-version=1");
  EXPECT_EQ(target(""), "/models");
}

TEST(UpstreamTarget, AsksForTheConfiguredApiVersionAlone) {
  Provider azure;
  azure.api_version = "2024-10-21";
  const auto target = [&](std::string_view query) {
    return upstream_target(azure, azure.doors.front(), Endpoint::Models, query);
  };

  EXPECT_EQ(target(""), "/models?api-version=2024-10-21");
  EXPECT_EQ(target("a=1&api-version=old&b=2"), "/models?a=1&b=2&api-version=2024-10-21");
}

TEST(ForwardedTarget, IsTheClientsPathBehindTheBaseUrl) {
  const Provider openai{.name = "openai"};
  const Provider azure{.name = "azure", .api_version = "2024-10-21"};
  const Door chat{.base_url = {.path_prefix = "/api/v1"}};
  const Door messages{.dialect = Dialect::Anthropic};

  EXPECT_EQ(forwarded_target(openai, chat, "/v1/files/f%2F1", "a=1"), "/api/v1/files/f%2F1?a=1");
  EXPECT_EQ(forwarded_target(azure, chat, "/v1/files", "api-version=old"),
            "/api/v1/files?api-version=2024-10-21");
  EXPECT_EQ(forwarded_target(openai, messages, "/v1/messages/batches", ""), "/v1/messages/batches");
}

TEST(KeyHeader, IsThatOfTheDialectUnlessThereIsAnApiVersionOrTheDoorHasItsOwn) {
  const Door messages{.dialect = Dialect::Anthropic};
  const Door chat;
  const Door own{.dialect = Dialect::Anthropic, .key_header = KeyHeader::Bearer};

  EXPECT_EQ(key_header({}, messages), KeyHeader::XApiKey);
  EXPECT_EQ(key_header({}, chat), KeyHeader::Bearer);
  EXPECT_EQ(key_header({.api_version = "1"}, chat), KeyHeader::ApiKey);
  EXPECT_EQ(key_header({}, own), KeyHeader::Bearer);
}

TEST(DoorFor, IsTheOneOfTheClientsDialectElseTheFirst) {
  const Provider both{.doors = {{Dialect::OpenAi}, {Dialect::Anthropic}}};
  const Provider one{.doors = {{Dialect::OpenAi}}};

  EXPECT_EQ(&door_for(both, Dialect::OpenAi), &both.doors[0]);
  EXPECT_EQ(&door_for(both, Dialect::Anthropic), &both.doors[1]);
  EXPECT_EQ(&door_for(one, Dialect::Anthropic), &one.doors[0]);
  EXPECT_EQ(find_door(one, Dialect::Anthropic), nullptr);
}

}  // namespace
}  // namespace vdm::proxy::routing_provider_test
