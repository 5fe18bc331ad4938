#include "proto/contract/ingest_token.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vdm::ingest_token_test {
namespace {

const std::string First = "first-token-0123456789";
const std::string Second = "second-token-0123456789";

std::vector<std::string> tokens_of(std::string_view text) {
  const auto parsed = parse_ingest_tokens(text);
  if (!parsed) return {"refused: " + parsed.error().message};
  std::vector<std::string> tokens;
  for (const Secret& token : *parsed) tokens.emplace_back(token.reveal());
  return tokens;
}

TEST(IngestToken, IsLongEnoughNotToBeGuessedAndPlain) {
  for (const auto& [text, is_one] :
       std::vector<std::pair<std::string, bool>>{{"", false},
                                                 {std::string(15, 'x'), false},
                                                 {std::string(16, 'x'), true},
                                                 {std::string(256, 'x'), true},
                                                 {std::string(257, 'x'), false},
                                                 {"0123456789 0123456789", false},
                                                 {"0123456789\n0123456789", false},
                                                 {"0123456789é0123456789", false}}) {
    EXPECT_EQ(is_ingest_token(text), is_one) << text;
  }
}

TEST(IngestToken, StandsOnALineOfItsFileAmongCommentsAndEmptyLines) {
  const std::vector<std::string> both{First, Second};

  EXPECT_EQ(tokens_of(First), std::vector<std::string>{First}) << "without a line end";
  EXPECT_EQ(tokens_of("# new\n" + First + "\n\n  # old\r\n\t" + Second + " \r\n"), both);
  EXPECT_EQ(tokens_of(ingest_token_file(Secret(First))), std::vector<std::string>{First});
}

TEST(IngestToken, IsNeverRepeatedWhenItsFileIsRefused) {
  const std::vector<std::string> empty{"refused: expected a line with a token"};

  EXPECT_EQ(tokens_of(""), empty);
  EXPECT_EQ(tokens_of("\n# nothing\n"), empty);
  EXPECT_EQ(tokens_of(First + "\ncanary\n"),
            std::vector<std::string>{
                "refused: line 2: expected a token of 16 to 256 visible ASCII characters"});
}

TEST(IngestToken, IsOneOfAtMostSixteenInAFile) {
  std::string text;
  for (int i = 0; i < 16; ++i) text += First + std::to_string(i) + "\n";
  EXPECT_EQ(tokens_of(text).size(), 16u);

  EXPECT_EQ(tokens_of(text + Second),
            std::vector<std::string>{"refused: line 17: expected at most 16 tokens"});
}

TEST(IngestToken, IsShownAsABearer) {
  EXPECT_EQ(authorization_of(Secret(First)), "Bearer " + First);
  EXPECT_EQ(token_in("Bearer " + First), First);
  EXPECT_EQ(token_in(First), std::nullopt);
  EXPECT_EQ(token_in(""), std::nullopt);
}

}  // namespace
}  // namespace vdm::ingest_token_test
