#include "proxy-service/convert/errors/refused_member.h"

#include <gtest/gtest.h>

#include "proxy-service/providers/facts_table.h"

namespace vdm::proxy::refused_member_test {
namespace {

struct Refusal {
  const char* body;     ///< as the provider sent it
  const char* request;  ///< the members that it was sent
  const char* member;
  ReasoningHistory history = ReasoningHistory::Omit;  ///< by which it was made
};

// Real ones, from the providers' references and from reports of users of gateways.
constexpr Refusal Refusals[] = {
    // OpenAI: a reasoning model, as the API reference of Chat Completions words it.
    {R"({"error":{"message":"Unsupported parameter: 'stop' is not supported with this model.",
        "type":"invalid_request_error","param":"stop","code":"unsupported_parameter"}})",
     R"({"stop":["END"]})", "stop"},
    {R"({"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model.",
        "type":"invalid_request_error","param":"temperature","code":"unsupported_value"}})",
     R"({"temperature":0.2})", "temperature"},
    {R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. )"
     R"(Use 'max_completion_tokens' instead.",
        "type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}})",
     R"({"max_tokens":5})", "max_tokens"},
    {R"({"error":{"message":"Function tools with reasoning_effort are not supported for gpt-5.4 in )"
     R"(/v1/chat/completions. Please use /v1/responses instead.",
        "type":"invalid_request_error","param":"reasoning_effort","code":null}})",
     R"({"reasoning_effort":"medium","tools":[]})", "reasoning_effort"},
    // Mistral: pydantic's words within `message`.
    {R"({"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],
        "msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"})",
     R"({"stream_options":{}})", "stream_options"},
    // FastAPI, as vLLM and others serve it.
    {R"({"detail":[{"type":"extra_forbidden","loc":["body","parallel_tool_calls"],)"
     R"("msg":"Extra inputs are not permitted"}]})",
     R"({"parallel_tool_calls":false})", "parallel_tool_calls"},
    // Groq.
    {R"({"error":{"message":"'messages.1' : for 'role:assistant' )"
     R"(the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]",
        "type":"invalid_request_error"}})",
     R"({"messages":[{"reasoning_content":"x"}]})", "reasoning_content", ReasoningHistory::Content},
    // Gemini's OpenAI door, an array.
    {R"([{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"service_tier\": Cannot find field.",
        "status":"INVALID_ARGUMENT"}}])",
     R"({"service_tier":"auto"})", "service_tier"},
    // DeepSeek asks for what is missing.
    {R"({"error":{"message":"The reasoning_content in the thinking mode must be passed back to the API.",
        "type":"invalid_request_error","param":null,"code":"invalid_request_error"}})",
     R"({"messages":[]})", "reasoning_content"},
    // Anthropic.
    {R"({"type":"error","error":{"type":"invalid_request_error",
        "message":"`temperature` and `top_p` cannot both be specified for this model."}})",
     R"({"temperature":1,"top_p":0.5})", "temperature"},
    // Fireworks.
    {R"({"error":{"message":"Extra inputs are not permitted, field: 'store', value: True","code":"invalid_request_error"}})",
     R"({"store":true})", "store"},
};

TEST(RefusedMember, IsReadFromEveryMakersWords) {
  for (const Refusal& refusal : Refusals) {
    ModelFacts facts = FactsTable::built_in().find("", "anything", DoorDialect::Chat).facts;
    facts.reasoning_history = refusal.history;
    facts.reasoning = Reasoning::Effort;
    const auto refused = refused_member(refusal.body, refusal.request, facts);
    ASSERT_TRUE(refused) << refusal.body;
    EXPECT_EQ(refused->member, refusal.member);
    ModelFacts after = facts;
    refused->instead.apply_to(after, FactsRow::Part::Abilities);
    EXPECT_FALSE(after == facts) << refusal.body;
    EXPECT_FALSE(refused_member(refusal.body, refusal.request, after))
        << "a lesson is learned once: " << refusal.body;
  }
}

TEST(RefusedMember, MustHaveBeenSent) {
  const ModelFacts facts = FactsTable::built_in().find("", "anything", DoorDialect::Chat).facts;
  for (const Refusal& refusal : Refusals) {
    if (std::string_view(refusal.member).starts_with("reasoning_")) continue;  // asked for in vain
    EXPECT_FALSE(refused_member(refusal.body, R"({"messages":[]})", facts)) << refusal.body;
  }
}

TEST(RefusedMember, IsNoneInAnErrorAboutSomethingElse) {
  const ModelFacts facts = FactsTable::built_in().find("", "anything", DoorDialect::Chat).facts;
  constexpr std::string_view Request =
      R"({"stop":"a","temperature":1,"max_tokens":9,"tools":[],"stream_options":{}})";
  for (const char* body :
       {"", "{}", "[]", "no JSON at all", R"({"error":{"message":"Invalid API key"}})",
        R"({"error":{"message":"max_tokens is too large: 9","param":"max_tokens"}})",
        R"({"error":{"message":"messages.3.content: expected a string"}})",
        R"({"error":{"message":"This model's maximum context length is 10 tokens"}})",
        R"({"error":{"message":"the nonstop flight does not support this"}})"}) {
    EXPECT_FALSE(refused_member(body, Request, facts)) << body;
  }
}

TEST(RefusedMember, SurvivesAnyNesting) {
  const ModelFacts facts;
  std::string deep(5000, '[');
  EXPECT_FALSE(refused_member(deep, "{}", facts));
  deep = "{\"detail\":" + std::string(60, '[') + std::string(60, ']') + "}";
  EXPECT_FALSE(refused_member(deep, "{}", facts));
}

}  // namespace
}  // namespace vdm::proxy::refused_member_test
