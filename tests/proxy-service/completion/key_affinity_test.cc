#include <map>
#include <set>

#include "tests/proxy-service/serve/gateway_in_front.h"

// Which of several keys a session's requests get, on whatever thread and whatever connection.

namespace vdm::proxy::key_affinity_test {
namespace {

using fakes::Message;
using fakes::SteppedUpstream;
using fakes::whole_answer;

class KeyAffinity : public GatewayInFront {
 protected:
  static constexpr int Sessions = 12;

  void in_front_of_three_keys(std::uint16_t port, Affinity affinity = Affinity::Session) {
    in_front_of(port);
    with_keys({"key-one", "key-two", "key-three"});
    for (Provider& provider : gateway_->config.providers) provider.key_affinity = affinity;
    gateway_->config.threads = 3;
    gateway_->start();
  }
  /// Asks by a connection of its own, so that the threads take turns.
  void ask_as(int session) {
    const std::string field = "x-claude-code-session-id: s" + std::to_string(session) + "\r\n";
    told(post("/v1/messages", AnthropicRequest, field));
  }
};

std::map<std::string, std::set<std::string>> keys_by_session(const SteppedUpstream& upstream) {
  std::map<std::string, std::set<std::string>> keys;
  for (const Message& asked : upstream.asked()) {
    keys[asked.field("x-claude-code-session-id").value_or("")].insert(
        asked.field("x-api-key").value_or(""));
  }
  return keys;
}

TEST_F(KeyAffinity, GivesASessionOneKeyOnEveryThread) {
  SteppedUpstream upstream({{whole_answer(200, AnthropicAnswer)}});
  in_front_of_three_keys(upstream.port());

  for (int round = 0; round < 4; ++round) {
    for (int session = 0; session < Sessions; ++session) ask_as(session);
  }

  std::set<std::string> used;
  for (const auto& [session, keys] : keys_by_session(upstream)) {
    EXPECT_EQ(keys.size(), 1u) << session;
    used.insert(keys.begin(), keys.end());
  }
  EXPECT_EQ(used.size(), 3u);
}

TEST_F(KeyAffinity, GivesTheKeysInTurnWhereThatIsAskedFor) {
  SteppedUpstream upstream({{whole_answer(200, AnthropicAnswer)}});
  in_front_of_three_keys(upstream.port(), Affinity::None);

  for (int i = 0; i < 9; ++i) ask_as(0);

  EXPECT_EQ(keys_by_session(upstream).at("s0").size(), 3u);
}

TEST_F(KeyAffinity, GoesByTheBeginningOfTheConversationWhereNoSessionIsNamed) {
  SteppedUpstream upstream({{whole_answer(200, AnthropicAnswer)}});
  in_front_of_three_keys(upstream.port());
  const auto turn = [](int conversation, int turn) {
    const std::string begin(5000, static_cast<char>('a' + conversation));
    return R"({"model":"anth:claude-x","max_tokens":16,"messages":[{"role":"user","content":")" +
           begin + R"("},{"role":"user","content":"turn )" + std::to_string(turn) + "\"}]}";
  };

  std::map<int, std::set<std::string>> keys;
  for (int conversation = 0; conversation < Sessions; ++conversation) {
    for (int i = 0; i < 3; ++i) told(post("/v1/messages", turn(conversation, i)));
    for (const Message& asked : upstream.asked()) {
      if (asked.body.find(turn(conversation, 0).substr(100, 4000)) == std::string::npos) continue;
      keys[conversation].insert(asked.field("x-api-key").value_or(""));
    }
  }

  std::set<std::string> used;
  for (const auto& [conversation, shown] : keys) {
    EXPECT_EQ(shown.size(), 1u) << conversation;
    used.insert(shown.begin(), shown.end());
  }
  EXPECT_EQ(used.size(), 3u);
}

TEST_F(KeyAffinity, HoldsForCountingTokensToo) {
  SteppedUpstream upstream({{whole_answer(200, R"({"input_tokens":7})")}});
  in_front_of_three_keys(upstream.port());

  for (int session = 0; session < Sessions; ++session) {
    const std::string field = "x-claude-code-session-id: s" + std::to_string(session) + "\r\n";
    for (int i = 0; i < 3; ++i) {
      told(post("/v1/messages/count_tokens", AnthropicRequest, field));
      ask_as(session);
    }
  }

  for (const auto& [session, keys] : keys_by_session(upstream)) {
    EXPECT_EQ(keys.size(), 1u) << session;
  }
}

}  // namespace
}  // namespace vdm::proxy::key_affinity_test
