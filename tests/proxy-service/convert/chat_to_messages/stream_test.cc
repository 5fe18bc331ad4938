#include "proxy-service/convert/chat_to_messages/stream.h"

#include <gtest/gtest.h>

#include "proxy-service/convert/content/thought_signature.h"
#include "tests/proxy-service/convert/converted_stream.h"
#include "tests/proxy-service/convert/stream_checks.h"

namespace vdm::proxy::chat_to_messages_stream_test {
namespace {

/// The event of a chunk whose first choice has this delta.
std::string delta(std::string_view json) {
  return std::string("data: {\"choices\":[{\"index\":0,\"delta\":").append(json).append("}]}\n\n");
}

std::string call(int index, std::string_view id, std::string_view name, std::string_view args) {
  return delta("{\"tool_calls\":[{\"index\":" + std::to_string(index) + ",\"id\":\"" +
               std::string(id) + "\",\"function\":{\"name\":\"" + std::string(name) +
               "\",\"arguments\":\"" + std::string(args) + "\"}}]}");
}

const std::string Text = delta(R"({"content":"Hi"})");
const std::string Stop = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string Done = "data: [DONE]\n\n";

ConvertedStream convert(const std::string& given) {
  const ToolNames names = some_tool_names();
  return convert_stream(Dialect::OpenAi, some_stream_options(names), {given});
}

/// What a client that keeps to the rules makes of it.
SeenStream seen_in(const ConvertedStream& converted) {
  SeenStream seen = read_anthropic_stream(converted.out);
  EXPECT_EQ(seen.fault, "");
  return seen;
}

TEST(StreamChatToMessages, StreamsACallsArgumentsAsTheyCome) {
  const ToolNames names;
  JsonIndexer indexer;
  StreamChatToMessages machine(some_stream_options(names), indexer);
  std::string out;
  machine.push(call(0, "c", "run", ""), out);

  std::string first;
  std::string second;
  machine.push(call(0, "", "", R"({\"a)"), first);
  machine.push(call(0, "", "", R"(\":)"), second);

  EXPECT_NE(first.find(R"("partial_json":"{\"a")"), std::string::npos) << first;
  EXPECT_NE(second.find(R"("partial_json":"\":")"), std::string::npos) << second;
}

TEST(StreamChatToMessages, HoldsWhatComesWhileACallIsUnfinished) {
  const ToolNames names;
  JsonIndexer indexer;
  StreamChatToMessages machine(some_stream_options(names), indexer);
  std::string out;
  machine.push(call(0, "a", "one", R"({\"x\":)"), out);

  std::string held;
  std::string let_go;
  machine.push(call(1, "b", "two", R"({})"), held);
  machine.push(Text, held);
  machine.push(call(0, "", "", "1}"), let_go);

  EXPECT_EQ(held, "");
  EXPECT_EQ(seen_in({.out = out + held + let_go}).content(),
            R"(tool_use:one{"x":1} tool_use:two{} text:Hi)");
}

TEST(StreamChatToMessages, BreaksOffRatherThanHoldTooMuch) {
  const std::string large(StreamChatToMessages::kept_bytes_max, 'x');

  const ConvertedStream converted =
      convert(call(0, "a", "one", R"({\"x\":)") + delta("{\"content\":\"" + large + "y\"}") + Done);

  EXPECT_EQ(converted.fault, "the provider's stream mixes more than can be put in order");
  EXPECT_FALSE(converted.whole);
  EXPECT_EQ(seen_in(converted).content(), R"(tool_use:one{"x":)");
}

TEST(StreamChatToMessages, BreaksOffRatherThanHoldTooManyPieces) {
  std::string given = call(0, "a", "one", R"({\"x\":)");
  for (std::size_t i = 0; i <= StreamChatToMessages::queued_max; i += 2) {
    given += Text + delta(R"({"reasoning":"x"})");
  }

  EXPECT_EQ(convert(given + Done).fault,
            "the provider's stream mixes more than can be put in order");
}

TEST(StreamChatToMessages, KeepsArgumentsThatAreAnObjectBesideASignature) {
  const std::string given =
      delta(R"({"tool_calls":[{"id":"c","function":{"name":"run","arguments":{"cmd":"l\"s -la"}},)"
            R"("extra_content":{"google":{"thought_signature":"CpIBAAAAAAAAAAAAAAAAAAAA"}}}]})");

  EXPECT_EQ(seen_in(convert(given + Stop + Done)).content(), R"(tool_use:run{"cmd":"l\"s -la"})");
}

TEST(StreamChatToMessages, LetsThroughALargeCallThatNeedNotBeHeld) {
  const std::string large(2 * StreamChatToMessages::kept_bytes_max, 'x');

  const ConvertedStream converted =
      convert(call(0, "a", "write", R"({\"x\":\")" + large + R"(\"})") + Stop + Done);

  EXPECT_TRUE(converted.whole);
  EXPECT_EQ(seen_in(converted).blocks.at(0).text.size(), large.size() + 8);
}

TEST(StreamChatToMessages, BreaksOffAtTooManyCalls) {
  std::string given;
  for (std::size_t i = 0; i <= StreamChatToMessages::calls_max; ++i) {
    given += call(static_cast<int>(i), "c" + std::to_string(i), "run", "{}");
  }

  const ConvertedStream converted = convert(given + Done);

  EXPECT_EQ(converted.fault, "the provider's stream has too many tool calls");
  EXPECT_EQ(seen_in(converted).blocks.size(), StreamChatToMessages::calls_max);
}

TEST(StreamChatToMessages, BreaksOffAtWhatItCannotRead) {
  const std::string_view faults[] = {
      "data: {\"choices\":[\n\n",   "data: nonsense\n\n",         "data: [1]\n\n",
      "data: {\"choices\":5}}\n\n", "data: {\"a\":\"\xFF\"}\n\n",
  };
  for (const std::string_view fault : faults) {
    const ConvertedStream converted = convert(Text + std::string(fault) + Text + Stop + Done);

    EXPECT_NE(converted.fault, "") << fault;
    EXPECT_FALSE(converted.whole);
    EXPECT_EQ(seen_in(converted).content(), "text:Hi");
  }
}

TEST(StreamChatToMessages, NeverCopiesAnEscapeThatIsNone) {
  for (const std::string_view text : {R"(\q)", R"(\u12g4)", R"(\u1)", R"(ok \x)"}) {
    const std::string content = delta("{\"content\":\"" + std::string(text) + "\"}");

    EXPECT_NE(convert(content).fault, "") << text;
    EXPECT_NE(convert(call(0, text, "n", "{}")).fault, "") << text;
    EXPECT_NE(convert(call(0, "i", "n", text)).fault, "") << text;
  }
}

TEST(StreamChatToMessages, DoesNotPassOffAPlaceholderAsTheArguments) {
  const ConvertedStream converted =
      convert(call(0, "a", "run", "{}") + call(0, "", "", R"({\"cmd\":1})") + Stop + Done);

  EXPECT_EQ(converted.fault, "a tool call's arguments go on after their end");
}

TEST(StreamChatToMessages, DoesNotDropACallThatIsNeverNamed) {
  EXPECT_EQ(convert(call(0, "a", "", "{}") + Stop + Done).fault,
            "a tool call of the provider's stream has no name");
  EXPECT_TRUE(convert(call(0, "a", "", "") + Stop + Done).whole);
}

TEST(StreamChatToMessages, TellsCallsApartThatShareAnIndex) {
  const std::string given = call(0, "a", "read", R"({\"n\":)") +
                            call(0, "b", "read", R"({\"m\":)") + call(0, "a", "", "1}") +
                            call(0, "b", "", "2}") + Stop + Done;

  EXPECT_EQ(seen_in(convert(given)).content(), R"(tool_use:read{"n":1} tool_use:read{"m":2})");
}

TEST(StreamChatToMessages, KeepsACallWholeWhoseIdChangesWithEveryPiece) {
  const std::string given =
      call(0, "r1", "read", "") + call(0, "r2", "", R"({\"n\":)") + call(0, "r3", "", "1}");

  const SeenStream seen = seen_in(convert(given + Stop + Done));

  EXPECT_EQ(seen.content(), R"(tool_use:read{"n":1})");
  EXPECT_EQ(seen.blocks[0].id, "r1");
}

TEST(StreamChatToMessages, MakesUpIdsThatDifferAndStayTheSame) {
  const std::string given = call(0, "", "a", "{}") + call(1, "", "b", "{}") + Stop + Done;

  const SeenStream seen = seen_in(convert(given));

  EXPECT_EQ(seen.blocks.at(0).id, "toolu_7_0");
  EXPECT_EQ(seen.blocks.at(1).id, "toolu_7_1");
}

TEST(StreamChatToMessages, CarriesASignatureInTheCallsId) {
  const std::string beside = delta(R"({"extra_content":{"vertex":{"thought_signature":"AY+\/"}}})");
  const std::string own =
      delta(R"({"tool_calls":[{"id":"c2","function":{"name":"b","arguments":"{}"},)"
            R"("extra_content":{"google":{"thought_signature":"CpIB=="}}}]})");

  const SeenStream seen = seen_in(convert(beside + call(0, "c1", "a", "{}") + own + Stop + Done));

  const SignedId first = split_signed_id(seen.blocks.at(0).id);
  const SignedId second = split_signed_id(seen.blocks.at(1).id);
  EXPECT_EQ(first.id, "c1");
  EXPECT_EQ(first.extra_content.at("vertex").at("thought_signature"), "AY+/");
  EXPECT_EQ(second.id, "c2");
  EXPECT_EQ(second.extra_content.at("google").at("thought_signature"), "CpIB==");
}

TEST(StreamChatToMessages, WritesNothingAfterTheEnd) {
  const ConvertedStream ended = convert(Text + Stop + Done);
  const ConvertedStream failed = convert(Text + "data: {\"error\":\"no\"}\n\n");

  EXPECT_EQ(convert(Text + Stop + Done + Text + Done).out, ended.out);
  EXPECT_EQ(convert(Text + "data: {\"error\":\"no\"}\n\n" + Stop + Done).out, failed.out);
}

TEST(StreamChatToMessages, InventsNoEnd) {
  EXPECT_FALSE(convert("").whole);
  EXPECT_FALSE(convert(Text).whole);
  EXPECT_EQ(seen_in(convert(Text)).ended, false);
  EXPECT_TRUE(convert(Text + Stop).whole);
}

TEST(StreamChatToMessages, CapsAnErrorsWords) {
  const std::string message(5000, 'm');
  const std::string type(500, 't');

  const ConvertedStream converted =
      convert("data: {\"error\":{\"message\":\"" + message + "\",\"type\":\"" + type + "\"}}\n\n");

  EXPECT_EQ(converted.error_message.size(), ProviderError::stream_message_bytes_max);
  EXPECT_EQ(converted.error_type.size(), ProviderError::type_bytes_max);
  EXPECT_TRUE(seen_in(converted).error);
}

TEST(StreamChatToMessages, GivesAnErrorTheWordOfItsMeaning) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"type":"tokens","code":"rate_limit_exceeded"})", "rate_limit_error"},
      {R"({"type":"server_error","code":503})", "overloaded_error"},
      {R"({"type":"server_error","code":null})", "api_error"},
      {R"({"code":400,"type":"BadRequestError"})", "invalid_request_error"},
      {R"({"code":["x"]})", "api_error"},
      {R"("down")", "api_error"},
  };
  for (const auto& [error, type] : cases) {
    const std::string out = convert("data: {\"error\":" + std::string(error) + "}\n\n").out;

    EXPECT_NE(out.find("\"error\":{\"type\":\"" + std::string(type) + "\""), std::string::npos)
        << out;
  }
}

TEST(StreamChatToMessages, KnowsTheStatusOfAnErrorThatComesFirst) {
  const ToolNames names;
  JsonIndexer indexer;
  StreamChatToMessages machine(some_stream_options(names), indexer);
  std::string out;

  const StreamStep step = machine.push("data: {\"error\":{\"code\":\"429\"}}\n\n", out);

  ASSERT_TRUE(step.error);
  EXPECT_EQ(step.error->status, 429);
  EXPECT_EQ(step.error->type, "429");
  EXPECT_FALSE(step.ended);
}

TEST(StreamChatToMessages, SignsAThoughtOnceAndThenBeginsAnother) {
  const std::string text = delta(R"({"reasoning_details":[{"type":"reasoning.text","text":"a"}]})");
  const std::string sign =
      delta(R"({"reasoning_details":[{"type":"reasoning.text","signature":"s"}]})");

  const SeenStream seen = seen_in(convert(text + sign + text + sign + sign + Stop + Done));

  EXPECT_EQ(seen.content(), "thinking:a thinking:a thinking:");
  EXPECT_EQ(seen.blocks.at(1).id, "s");
}

TEST(StreamChatToMessages, IsSmall) { EXPECT_LE(sizeof(StreamConverter), 2048u); }

}  // namespace
}  // namespace vdm::proxy::chat_to_messages_stream_test
