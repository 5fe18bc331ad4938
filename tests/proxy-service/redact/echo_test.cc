#include "proxy-service/redact/echo.h"

#include <array>

#include <gtest/gtest.h>

#include "proxy-service/redact/error_words.h"

namespace vdm::proxy::echo_test {
namespace {

std::string without(std::string_view message, std::string_view request) {
  return without_echo(message, std::array{request});
}

TEST(WithoutEcho, KeepsWhatTheRequestDoesNotSay) {
  constexpr std::string_view Request = R"({"messages":[{"role":"user","content":"hello"}]})";
  for (const char* message :
       {"Overloaded", "The model 'gpt-4o-mini' does not exist, or you don't have access to it.",
        "messages.0.content: expected a list", "try again in 1.2s; org-42 is \"out of quota\"",
        "prompt is too long: 203456 tokens > 200000 maximum"}) {
    EXPECT_EQ(without(message, Request), message);
  }
}

TEST(WithoutEcho, TakesOutTheRequestsWordsThoughTheyAreNotQuoted) {
  EXPECT_EQ(without("Invalid value: tell Mallory the door code 4711. Expected a list.",
                    R"({"messages":[{"content":"tell Mallory the door code 4711"}]})"),
            "Invalid value: [redacted]. Expected a list.");
  EXPECT_EQ(without("cannot parse hunter2", R"({"content":"hunter2"})"), "cannot parse [redacted]");
  EXPECT_EQ(without("blocked: TELL mallory,\nthe", R"({"content":"Tell  Mallory"})"),
            "blocked: [redacted],\nthe");
}

TEST(WithoutEcho, KeepsTheWordsOfErrorsHoweverLongThePromptIs) {
  const std::string request =
      R"({"content":"the tokens of a prompt have a maximum, is that too long? 200000 violets"})";
  EXPECT_EQ(without("prompt is too long: 203456 tokens > 200000 maximum", request),
            "prompt is too long: 203456 tokens > [redacted] maximum");
}

TEST(WithoutEcho, KeepsThePathOfAFieldWhateverNumbersThePromptHas) {
  const std::string request =
      R"({"content":"the custom tool 10 and message 3, 1 of 4711 with input schemas"})";
  for (const char* message : {"messages.3.content.1.tool_use.id: Field required",
                              "tools.10.custom.input_schema: JSON schema is invalid",
                              "messages[3].content[1]: expected a list"}) {
    EXPECT_EQ(without(message, request), message);
  }
  EXPECT_EQ(without("door.47110: no, 4711 and 3.10", request), "door.47110: no, [redacted]");
}

TEST(WithoutEcho, TakesOutFourWordsInARowWhicheverTheyAre) {
  const std::string request = R"({"content":"List all the users, with their credit balance"})";
  EXPECT_EQ(without("Invalid input: list all the users", request), "Invalid input: [redacted]");
  EXPECT_EQ(without("Invalid list of all the users", request), "Invalid list of all the users");
}

TEST(WithoutEcho, TakesOutWhatIsLeftBetween) {
  const std::string request = R"({"content":"Mallory is not at home"})";
  EXPECT_EQ(without("refused Mallory is in home now", request), "refused [redacted] now");
  EXPECT_EQ(without("Mallory is not of the same home", request),
            "[redacted] is not of the same [redacted]");
}

TEST(WithoutEcho, KnowsAnEchoThatIsCutShort) {
  EXPECT_EQ(without("cannot read: a viol...", R"({"content":"a violet suitcase"})"),
            "cannot read: a [redacted]...");
}

TEST(WithoutEcho, ComparesTextsAsDecoded) {
  EXPECT_EQ(without("bad: line\nviolet", R"({"content":"line\nviolet"})"), "bad: [redacted]");
  EXPECT_EQ(without("bad: violet", R"({"content":"\u0076iol\u0065t"})"), "bad: [redacted]");
  // Arguments of tools are JSON in a text.
  EXPECT_EQ(without("bad: violet\nzebra", R"({"arguments":"{\"what\":\"violet\\nzebra\"}"})"),
            "bad: [redacted]");
  EXPECT_EQ(without(R"(bad: violet\nzebra)", R"({"content":"violet\nzebra"})"), "bad: [redacted]");
}

TEST(WithoutEcho, TakesOutWordsThatAreNotAscii) {
  EXPECT_EQ(without("bad: gr\xc3\xbc\xc3\x9f"
                    "e",
                    "{}"),
            "bad: [redacted]");
}

TEST(WithoutEcho, LeavesKeysAndNumbersOfTheRequestAlone) {
  const std::string request = R"({"colour_depth" : 999999,"n":[{"deep":"text"}]})";
  EXPECT_EQ(without("Unknown parameter: colour_depth; 999999 > 4096; n.0.deep", request),
            "Unknown parameter: colour_depth; 999999 > 4096; n.0.deep");
}

TEST(WithoutEcho, ReadsARequestInPieces) {
  const std::array<std::string_view, 2> request{R"({"model":)", R"(,"content":"violet"})"};
  EXPECT_EQ(without_echo("no gpt-9 violet", request), "no gpt-9 [redacted]");
}

TEST(WithoutEcho, KeepsNothingWhereTheRequestIsTooLongToCompare) {
  const std::string request(EchoRequestBytesMax + 1, ' ');
  EXPECT_EQ(without("Overloaded", request), "");
  EXPECT_EQ(without("Overloaded", std::string_view(request).substr(1)), "Overloaded");
}

TEST(WithoutEcho, ReadsAMessageUpToItsBound) {
  const std::string message(1000, '.');
  EXPECT_EQ(without(message, "{}"), message.substr(0, 256));
  std::string words;
  for (int i = 0; i < 200; ++i) words += "a ";
  EXPECT_EQ(without(words, R"({"content":"a a a a"})"), "[redacted] ");
}

TEST(WithoutEcho, StandsARequestThatIsNoJson) {
  for (const char* request : {"", "\"", "\"\\", "{\"a\":\"b\\q violet\"", "\"a\\\"", "\"\\u12\""}) {
    EXPECT_EQ(without("Overloaded", request), "Overloaded");
  }
  EXPECT_EQ(without("bad violet", R"({"a":"\q violet"})"), "bad [redacted]");
}

TEST(ErrorWords, AreWordsOfErrorsAndShortOnes) {
  for (const char* word : {"tokens", "maximum", "max_tokens", "is", "a"}) {
    EXPECT_TRUE(is_error_word(word)) << word;
  }
  for (const char* word : {"violet", "42", "4", "token", "Tokens"}) {
    EXPECT_EQ(is_error_word(word), std::string_view(word) == "token") << word;
  }
}

}  // namespace
}  // namespace vdm::proxy::echo_test
