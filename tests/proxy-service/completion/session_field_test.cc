#include <gmock/gmock.h>

#include "common/base/digest.h"
#include "tests/proxy-service/serve/gateway_in_front.h"

// A provider of many servers finds a session's prompt cache by a header, whose name its facts tell.

namespace vdm::proxy::session_field_test {
namespace {

using fakes::SteppedUpstream;

constexpr std::string_view Chat =
    R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})";

class SessionOf : public GatewayInFront {
 protected:
  /// The session's field as the provider gets it, of a client that sends these fields.
  std::optional<std::string> field_at(std::string provider, std::string_view path,
                                      std::string_view fields, std::string custom = "") {
    SteppedUpstream upstream({well(Dialect::OpenAi)});
    gateway_ = std::make_unique<RunningGateway>();
    gateway_->config.providers = {
        provider_at(std::move(provider), Dialect::OpenAi, upstream.port())};
    if (!custom.empty()) {
      gateway_->config.providers[0].custom_headers = {{"X-Session-Affinity", std::move(custom)}};
    }
    settle().start();
    EXPECT_EQ(told(post(path, Chat, fields)).status(), 200);
    return upstream.asked().at(0).field("x-session-affinity");
  }
};

constexpr std::string_view Path = "/v1/chat/completions";

TEST_F(SessionOf, ReachesTheProviderThatWantsItAndNoOther) {
  const std::string digest = hex_prefix(sha256("s-1"), 32);

  EXPECT_EQ(field_at("fireworks", Path, "x-session-id: s-1\r\n"), digest);
  EXPECT_EQ(field_at("fireworks", "/v1/messages", "x-session-id: s-1\r\n"), digest);
  EXPECT_EQ(field_at("fireworks", Path, ""), std::nullopt);
  EXPECT_EQ(field_at("mistral", Path, "x-session-id: s-1\r\n"), std::nullopt);
}

TEST_F(SessionOf, StaysAsTheClientOrTheConfigurationSetIt) {
  EXPECT_EQ(field_at("fireworks", Path, "x-session-id: s-1\r\nX-Session-Affinity: mine\r\n"),
            "mine");
  EXPECT_EQ(field_at("fireworks", Path, "x-session-id: s-1\r\n", "set"), "set");
}

}  // namespace
}  // namespace vdm::proxy::session_field_test
