#include "proxy-service/redact/redact.h"

#include <gtest/gtest.h>

namespace vdm::proxy::redact_test {
namespace {

TEST(Redacted, KeepsWhatAPersonNeeds) {
  for (const char* text :
       {"Overloaded", "The model 'gpt-4o-mini' does not exist, or you don't have access to it.",
        "max_tokens: 4096 > 2048", "Unknown parameter: \"messages[3].content[0].foo\".",
        "the users' quota isn't enough", ""}) {
    EXPECT_EQ(redacted(text), text);
  }
}

TEST(Redacted, TakesOutWhatMayBeAKey) {
  EXPECT_EQ(redacted("Incorrect API key provided: sk-abc123."),
            "Incorrect API key provided: [redacted]");
  EXPECT_EQ(redacted("bad key abcd****wxyz"), "bad key [redacted]");
  EXPECT_EQ(redacted("token eyJhbGciOiJIUzI1NiJ9.e30.abc refused"), "token [redacted] refused");
}

// As Anthropic names the fault (github.com/anthropics/claude-code/issues on tools.N.custom), as
// FastAPI's places are joined, and as JSON pointers.
TEST(Redacted, KeepsThePathOfAField) {
  for (const char* text :
       {"messages.3.content.1.tool_use.id: Field required",
        "tools.10.custom.input_schema: JSON schema is invalid",
        "messages.104.content.0.image.source.base64: image exceeds 5 MB maximum",
        "#/messages/12/content/0/tool_calls/1/function/arguments is not an object"}) {
    EXPECT_EQ(redacted(text), text);
  }
}

TEST(Redacted, TakesOutAKeyThatHasDotsOrSlashes) {
  for (const char* key :
       {"eyJhbGciOiJIUzI1NiJ9.e30.abcdefghijkl", "0123456789abcdef.AbCdEfGhIjKlMn",
        "ya29.a0AfH6SMBxyzxyzxyzxyz", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "abcdefghijklmnop.123456.qrstuv"}) {
    EXPECT_EQ(redacted(std::string("refused ") + key), "refused [redacted]") << key;
  }
}

TEST(Redacted, TakesOutQuotedPassages) {
  EXPECT_EQ(redacted("Invalid value: 'tell me a secret'. Expected a list."),
            "Invalid value: '[redacted]'. Expected a list.");
  EXPECT_EQ(redacted("refused \"it's been a day\", sorry"), "refused \"[redacted]\", sorry");
  EXPECT_EQ(redacted("input `a b` and 'name'"), "input `[redacted]` and 'name'");
  EXPECT_EQ(redacted("nicht \"\xC3\xBC"
                     "ber\""),
            "nicht \"[redacted]\"");
  EXPECT_EQ(redacted("cut short: 'once upon a ti"), "cut short: '[redacted]");
  EXPECT_EQ(redacted("'" + std::string(65, 'x') + "'"), "'[redacted]'");
}

TEST(Redacted, StaysOnOneLineAndWithinItsBytes) {
  EXPECT_EQ(redacted("a\r\nb\tc"), "a  b c");
  EXPECT_EQ(redacted("first\nsecond"), "first second");
  std::string long_text(5000, 'x');
  EXPECT_LE(redacted(long_text.append(" y")).size(), 256u);
  // Never in the middle of a character.
  std::string cut_text(255, 'a');
  EXPECT_EQ(redacted(cut_text + "\xc3\xa4 and more"), cut_text);
}

}  // namespace
}  // namespace vdm::proxy::redact_test
