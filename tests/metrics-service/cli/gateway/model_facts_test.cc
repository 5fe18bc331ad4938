#include "metrics-service/cli/gateway/model_facts.h"

#include <gtest/gtest.h>

namespace vdm::cli::model_facts_test {
namespace {

TEST(ExplainedFacts, SayWhichRowsHoldAndWhatIsSent) {
  const auto text = explained_facts(R"({"provider":"openai","model":"gpt-5.4","door":"chat",
      "rows":[{"provider":"","row":"","match":"default"},
              {"provider":"openai","row":"gpt-*","match":"family"},
              {"provider":"openai","row":"","match":"default"},
              {"provider":"openai","row":"gpt-5.4","match":"exact"}],
      "facts":{"reasoning":"effort","efforts":{"low":"low","high":"HIGH"},
               "context_tokens":1050000,
               "usd_per_million":{"input":2.5,"output":15,
                                  "above":[{"input_tokens":272000,"input":5}]},
               "takes":{"stop":false,"strict":true},
               "wants":{"token_limit":"max_completion_tokens","tool_stream":false}},
      "learned":[{"provider":"openai","model":"gpt-5.4","refused":"store",
                  "forgotten_in_seconds":9}]})");

  ASSERT_TRUE(text);
  EXPECT_EQ(*text,
            "openai:gpt-5.4, by its chat door\n"
            "rows      the dialect's defaults\n"
            "          openai: gpt-* (its family: abilities, no figures)\n"
            "          openai: its defaults\n"
            "          openai: gpt-5.4\n"
            "window    1,050,000 tokens\n"
            "output    -\n"
            "prices    $2.5 in, $15 out, per million tokens\n"
            "          above 272,000 tokens: $5 in\n"
            "reasoning effort: low, high as HIGH\n"
            "sent      strict\n"
            "left out  stop\n"
            "wants     token_limit max_completion_tokens\n"
            "learned   store is refused\n");
}

TEST(ExplainedFacts, AreRefusedWhenTheyAreNone) {
  for (const char* body : {"", "[]", "{}", R"({"facts":1,"rows":[]})", "<html>"}) {
    EXPECT_FALSE(explained_facts(body)) << body;
    EXPECT_FALSE(learned_facts(body, Colour::Never)) << body;
  }
}

TEST(ExplainedFacts, CannotMoveTheCursor) {
  const auto text = explained_facts(
      "{\"provider\":\"p\\u001b[2J\",\"model\":\"m\",\"door\":\"chat\",\"rows\":[],\"facts\":{}}");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->find('\x1b'), std::string::npos);
}

TEST(LearnedFacts, AreATableOrASentence) {
  EXPECT_EQ(*learned_facts(R"({"learned":[]})", Colour::Never),
            "nothing: no provider refused a member in the last hour\n");
  EXPECT_EQ(*learned_facts(R"({"learned":[{"provider":"p","model":"m","refused":"stop",
                "forgotten_in_seconds":3600}]})",
                           Colour::Never),
            "PROVIDER  MODEL  REFUSES  FORGOTTEN IN\n"
            "p         m      stop            1h00m\n");
}

}  // namespace
}  // namespace vdm::cli::model_facts_test
