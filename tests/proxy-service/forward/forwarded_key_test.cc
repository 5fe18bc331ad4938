#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/proxy-service/forward/forwarding.h"

// A provider that repeats our key in an error to what is passed on whole.

namespace vdm::proxy::forwarded_key_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;

constexpr std::string_view Key =
    "sk-provider-key-0123456789";  // RunningGateway's providers have it

std::string error_of(std::string_view key) {
  return R"({"error":{"message":"wrong key )" + std::string(key) + R"(, again","type":"auth"}})";
}
const std::string Blotted = error_of(std::string(Key.size(), '*'));

class ForwardedKey : public Forwarding {
 protected:
  /// The answer to any request, in pieces of so many bytes.
  Message answered_by(const std::string& answer, std::size_t at_once, const std::string& request) {
    FakeUpstream upstream([&](Peer& peer, int) {
      while (peer.read_message().complete) {
        for (std::size_t at = 0; at < answer.size(); at += at_once) {
          peer.send(std::string_view(answer).substr(at, at_once));
        }
      }
    });
    in_front_of(upstream.port()).start();
    const Message answered = told(request);
    gateway_.reset();
    return answered;
  }
  const std::string embed_ = post("/v1/embeddings", R"({"model":"open:e","input":"x"})");
};

TEST_F(ForwardedKey, IsNotReadInAnErrorsStatus) {
  for (const int status : {400, 401, 429, 500}) {
    const Message answer = answered_by(whole_answer(status, error_of(Key)), 10'000, embed_);

    EXPECT_EQ(answer.status(), status);
    EXPECT_EQ(answer.body, Blotted);
  }
  EXPECT_EQ(answered_by(whole_answer(404, error_of(Key)), 10'000, get("/v1/files/f")).body,
            Blotted);
}

TEST_F(ForwardedKey, IsNotReadInAnErrorThatComesWithA200HoweverItIsCut) {
  for (const std::size_t at_once : {10'000, 1, 23}) {
    EXPECT_EQ(answered_by(whole_answer(200, error_of(Key)), at_once, embed_).body, Blotted);
  }
}

TEST_F(ForwardedKey, IsNotReadInAStreamsErrorHoweverItIsCut) {
  const std::string text =
      "data: {\"choices\":[]}\n\nevent: error\ndata: " + error_of(Key) + "\n\n";
  const std::string blotted = "data: {\"choices\":[]}\n\nevent: error\ndata: " + Blotted + "\n\n";
  for (const std::size_t size : {text.size(), std::size_t{1}, std::size_t{7}, std::size_t{60}}) {
    std::string answer = fakes::stream_head();
    for (std::size_t at = 0; at < text.size(); at += size) {
      answer += fakes::chunk(std::string_view(text).substr(at, size));
    }

    const Message streamed = answered_by(
        answer + "0\r\n\r\n", size, post("/v1/completions", R"({"model":"open:e","stream":true})"));

    EXPECT_EQ(streamed.body, blotted) << size;
  }
}

TEST_F(ForwardedKey, IsLeftInAFile) {
  const std::string file(200'000, '\x7');
  EXPECT_EQ(answered_by(whole_answer(200, file + std::string(Key), "audio/mpeg"), 50'000,
                        get("/v1/audio/a"))
                .body,
            file + std::string(Key));
}

}  // namespace
}  // namespace vdm::proxy::forwarded_key_test
