#include <algorithm>
#include <atomic>
#include <ostream>

#include <gtest/gtest.h>

#include "proxy-service/config/settings.h"
#include "tests/common/settings/extremes.h"
#include "tests/proxy-service/serve/running_gateway.h"

// Every numeric setting at the ends of its range, in a gateway that is asked for what it does: a
// value that is accepted must not be one that some division, timer or buffer cannot bear.

namespace vdm::proxy::setting_extremes_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;

struct Extreme {
  std::string variable;
  std::int64_t number = 0;
};

void PrintTo(const Extreme& extreme, std::ostream* out) {
  *out << extreme.variable << "=" << extreme.number;
}

std::vector<Extreme> all_extremes() {
  std::vector<Extreme> extremes;
  ConfigDraft draft;
  for (const settings::Setting& setting : settings_of(draft)) {
    // A port is taken or not; a thousand threads are a thousand times the same.
    if (setting.variable == "PORT" || setting.variable == "VDM_THREADS") continue;
    if (!setting.rule.is_number()) continue;
    for (const std::int64_t number : settings::extremes(setting.rule)) {
      extremes.push_back({std::string(setting.variable), number});
    }
  }
  return extremes;
}

/// The gateway's own, with one setting at an extreme.
Config config_at(const Config& base, const Extreme& extreme) {
  ConfigDraft draft{.config = base};
  for (const settings::Setting& setting : settings_of(draft)) {
    if (setting.variable != extreme.variable) continue;
    const std::string text = settings::written(setting.rule, extreme.number);
    const auto value = settings::parse(setting.rule, setting.variable, text);
    EXPECT_TRUE(value) << setting.variable << "=" << text;
    if (value) setting.place.put(*value);
  }
  Config& config = draft.config;
  // As load() would have it.
  config.limits.all_bodies_bytes_max =
      std::max(config.limits.all_bodies_bytes_max, config.limits.body_bytes_max);
  config.retry.backoff_max = std::max(config.retry.backoff_max, config.retry.backoff_first);
  config.key_cooldown.cooldown_max =
      std::max(config.key_cooldown.cooldown_max, config.key_cooldown.cooldown);
  config.breaker.open_max = std::max(config.breaker.open_max, config.breaker.open);
  for (Provider& provider : config.providers) {
    provider.timeouts = config.timeouts.upstream;
    provider.retries_max = config.retry.retries_max;
  }
  return config;
}

/// Fails every third request, and refuses its key every fifth; else a stream or a whole answer.
class MoodyUpstream {
 public:
  std::uint16_t port() const { return upstream_.port(); }

 private:
  void serve(Peer& peer) {
    for (;;) {
      const Message request = peer.read_message();
      if (!request.complete) return;
      const int number = ++asked_;
      if (number % 3 == 0) {
        peer.send(whole_answer(500, R"({"type":"error","error":{"message":"down"}})"));
      } else if (number % 5 == 0) {
        peer.send(whole_answer(429, R"({"type":"error","error":{"message":"slowly"}})"));
      } else if (request.body.find("\"stream\":true") != std::string::npos) {
        peer.send(fakes::stream_head() + fakes::chunk(FirstEvent) + fakes::chunk(""));
      } else {
        peer.send(whole_answer(200, AnthropicAnswer));
      }
    }
  }

  std::atomic<int> asked_{0};
  FakeUpstream upstream_{[this](Peer& peer, int) { serve(peer); }};
};

class SettingExtreme : public ::testing::TestWithParam<Extreme> {
 protected:
  SettingExtreme() : gateway_(upstream_.port()) {
    gateway_.config.retry.backoff_first = gateway_.config.retry.backoff_max =
        std::chrono::milliseconds(1);
    gateway_.config = config_at(gateway_.config, GetParam());
  }

  /// What was answered; 0 when the connection was closed instead.
  int asked(std::string_view begin, std::string_view rest = "") {
    auto client = gateway_.client();
    client.send(begin);
    client.send(rest);
    return client.read_message().status();
  }
  static bool is_answer(int status) { return status == 0 || (status >= 200 && status < 600); }

  MoodyUpstream upstream_;
  RunningGateway gateway_;
};

TEST_P(SettingExtreme, LeavesAGatewayThatServes) {
  gateway_.on_one_thread().start();
  const std::string whole = post("/v1/messages", AnthropicRequest);
  const std::string chunked =
      "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
      "transfer-encoding: chunked\r\n\r\n";

  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(is_answer(asked(whole)));
    EXPECT_TRUE(
        is_answer(asked(whole.substr(0, whole.size() - 9), whole.substr(whole.size() - 9))));
    EXPECT_TRUE(is_answer(asked(chunked, fakes::chunk(AnthropicRequest) + fakes::chunk(""))));
    EXPECT_TRUE(is_answer(asked(post("/v1/messages", StreamAsk))));
  }

  gateway_.gateway().renew(gateway_.config);
  EXPECT_TRUE(is_answer(asked(get("/health/ready"))));
}

INSTANTIATE_TEST_SUITE_P(All, SettingExtreme, ::testing::ValuesIn(all_extremes()),
                         [](const auto& info) {
                           return info.param.variable + "_" + std::to_string(info.param.number);
                         });

/// The largest of everything at once still serves: no two of them are too much together.
TEST(SettingExtremes, ServeWhenAllAreTheLargest) {
  MoodyUpstream upstream;
  RunningGateway gateway(upstream.port());
  ConfigDraft draft;
  for (const settings::Setting& setting : settings_of(draft)) {
    if (!setting.rule.is_number() || setting.variable == "VDM_THREADS") continue;
    gateway.config = config_at(gateway.config, {std::string(setting.variable), setting.rule.most});
  }
  gateway.config.listen.port = 0;
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(client.read_message().status(), 200);
}

}  // namespace
}  // namespace vdm::proxy::setting_extremes_test
