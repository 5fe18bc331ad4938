#include "metrics-service/cli/gateway/trial.h"

#include <gtest/gtest.h>

#include <string>

namespace vdm::cli::trial_test {
namespace {

HttpAnswer stream(const std::string& body) { return {.status = 200, .body = body}; }

const Trial OpenAi{.provider = "my-own", .model = "m"};
const Trial Anthropic{.provider = "anthropic", .model = "m", .anthropic = true};

TEST(Trial, SpeaksTheProvidersOwnDialectAndNamesIt) {
  const HttpCall openai = trial_call(OpenAi, Secret("k"));
  const HttpCall anthropic = trial_call(Anthropic, Secret());

  EXPECT_EQ(openai.target, "/v1/chat/completions");
  EXPECT_NE(openai.body.find(R"("model":"my-own:m")"), std::string::npos) << openai.body;
  EXPECT_EQ(openai.body.find("max_tokens"), std::string::npos) << openai.body;
  EXPECT_EQ(openai.key.reveal(), "k");
  EXPECT_EQ(anthropic.target, "/v1/messages");
  EXPECT_NE(anthropic.body.find(R"("max_tokens":16)"), std::string::npos) << anthropic.body;
}

TEST(Trial, WorksWhenTheAnswerCameToItsEnd) {
  const auto openai = trial_result(OpenAi, stream("data: {\"model\":\"m-1\",\"choices\":[]}\n\n"
                                                  "data: [DONE]\n\n"));
  const auto anthropic = trial_result(
      Anthropic, stream("event: message_start\n"
                        "data: {\"type\":\"message_start\",\"message\":{\"model\":\"m-2\"}}\n\n"
                        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));

  EXPECT_TRUE(openai.works);
  EXPECT_EQ(openai.model, "m-1");
  EXPECT_TRUE(anthropic.works);
  EXPECT_EQ(anthropic.model, "m-2");
}

TEST(Trial, DoesNotWorkWhenTheAnswerBreaksOffOrHoldsAnError) {
  const auto cut = trial_result(OpenAi, stream("data: {\"model\":\"m\"}\n\n"));
  const auto broken =
      trial_result(OpenAi, stream("data: {\"error\":{\"message\":\"boom\"}}\n\ndata: [DONE]\n\n"));

  EXPECT_FALSE(cut.works);
  EXPECT_EQ(cut.error, "the answer broke off");
  EXPECT_FALSE(broken.works);
  EXPECT_EQ(broken.error, "boom");
}

TEST(Trial, SaysWhatToCheckForEachKindOfRefusal) {
  const auto advice = [](unsigned status) {
    return trial_result(OpenAi, {.status = status, .body = ""}).advice;
  };

  EXPECT_NE(advice(401).find("MY_OWN_API_KEY"), std::string::npos) << advice(401);
  EXPECT_NE(advice(404).find("vdm models --provider my-own"), std::string::npos) << advice(404);
  EXPECT_NE(advice(502).find("MY_OWN_BASE_URL"), std::string::npos) << advice(502);
}

TEST(Trial, ShowsNothingThatATerminalWouldObey) {
  const auto result =
      trial_result(OpenAi, {.status = 500, .body = R"({"error":{"message":"a\u001b[2Jb"}})"});

  EXPECT_EQ(result.error, "HTTP 500: a?[2Jb");
}

}  // namespace
}  // namespace vdm::cli::trial_test
