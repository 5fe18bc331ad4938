#include <gtest/gtest.h>

#include <string>

#include "tests/proxy-service/serve/running_gateway.h"

// Requests of several megabytes that are converted: the work leaves the I/O thread.

namespace vdm::proxy::large_request_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;

constexpr std::size_t MiB = 1024 * 1024;

std::string asked_with(std::string_view content) {
  return R"({"model":"open:gpt-4o","max_tokens":16,"messages":[{"role":"user","content":)" +
         std::string(content) + "}]}";
}

std::string long_text(std::size_t bytes) { return "\"" + std::string(bytes, 'a') + "\""; }

std::string many_values(std::size_t bytes) {
  std::string text = "[0";
  while (text.size() < bytes) text.append(",0");
  return text + "]";
}

class LargeRequestTest : public ::testing::Test {
 protected:
  Message ask(std::string_view content) {
    auto client = gateway_.client();
    client.send(post("/v1/messages", asked_with(content)));
    return client.read_message();
  }

  FakeUpstream upstream_{[this](Peer& peer, int) {
    for (;;) {
      const Message request = peer.read_message();
      if (!request.complete) return;
      asked_.push_back(request.body);
      peer.send(whole_answer(200, OpenAiAnswer));
    }
  }};
  std::vector<std::string> asked_;
  RunningGateway gateway_{upstream_.port()};
};

TEST_F(LargeRequestTest, AreConvertedWhole) {
  gateway_.on_one_thread().start();

  EXPECT_EQ(ask(long_text(8 * MiB)).status(), 200);

  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_NE(asked_[0].find(long_text(8 * MiB)), std::string::npos);
  EXPECT_EQ(asked_[0].find("[[vdm:"), std::string::npos);
}

TEST_F(LargeRequestTest, AreRefusedByNameWhenTheyHaveTooManyValues) {
  gateway_.on_one_thread().start();

  const Message answer = ask(many_values(2 * MiB));

  EXPECT_EQ(answer.status(), 413);
  EXPECT_NE(answer.body.find("262144 objects, arrays and members"), std::string::npos);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(LargeRequestTest, AreRefusedWhenAllTogetherLeaveNoRoomToConvertThem) {
  gateway_.config.limits.all_bodies_bytes_max = 4 * MiB;  // the body, and not what is made of it
  gateway_.on_one_thread().start();

  const Message answer = ask(long_text(2 * MiB));

  EXPECT_EQ(answer.status(), 503);
  EXPECT_NE(answer.body.find("VDM_ALL_BODIES_BYTES_MAX"), std::string::npos);
}

TEST_F(LargeRequestTest, GiveBackTheMemoryThatWasCountedForThem) {
  gateway_.config.limits.all_bodies_bytes_max = 70 * MiB;  // enough for one at a time
  gateway_.on_one_thread().start();

  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(long_text(2 * MiB)).status(), 200);
}

TEST_F(LargeRequestTest, EndWhenTheirClientLeavesMeanwhile) {
  gateway_.on_one_thread().start();
  for (int i = 0; i < 5; ++i) {
    auto client = gateway_.client();
    client.send(post("/v1/messages", asked_with(long_text(8 * MiB))));
  }

  EXPECT_EQ(gateway_.sink.wait_for<Ended>(5).size(), 5u);
  EXPECT_EQ(ask(long_text(1)).status(), 200);
}

TEST_F(LargeRequestTest, LeaveTheThreadToOthersMeanwhile) {
  gateway_.on_one_thread().start();
  auto large = gateway_.client();
  large.send(post("/v1/messages", asked_with(long_text(32 * MiB))));
  EXPECT_EQ(gateway_.sink.wait_for<Started>(1).size(), 1u);

  EXPECT_EQ(ask("\"hi\"").status(), 200);

  EXPECT_EQ(large.read_message().status(), 200);
}

}  // namespace
}  // namespace vdm::proxy::large_request_test
