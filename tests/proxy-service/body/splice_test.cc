#include "proxy-service/body/splice.h"

#include <gtest/gtest.h>

namespace vdm::proxy::splice_test {
namespace {

using enum SplicedBody::Usage;

std::string spliced(std::string_view body, std::string_view model, SplicedBody::Usage usage) {
  RequestScanner scanner;
  const auto scan = scanner.scan(body);
  if (!scan) return scan.error().message;
  const SplicedBody result(body, *scan, model, usage);
  std::string text;
  for (const std::string_view piece : result.pieces()) text.append(piece);
  EXPECT_EQ(text.size(), result.size());
  EXPECT_TRUE(scanner.scan(text)) << text;
  return text;
}

TEST(SplicedBody, ReplacesTheModelAndNothingElse) {
  EXPECT_EQ(spliced(R"({ "model" : "openai:gpt" ,"x":[1, 2]})", "gpt", AsItIs),
            R"({ "model" : "gpt" ,"x":[1, 2]})");
}

TEST(SplicedBody, EscapesTheModelsName) {
  EXPECT_EQ(spliced(R"({"model":"m"})", "a\"b\\c", AsItIs), R"({"model":"a\"b\\c"})");
}

TEST(SplicedBody, IsTheClientsBytesWhenNothingChanges) {
  const std::string body = R"({"model":"g\u0070t"})";
  RequestScanner scanner;
  const auto scan = scanner.scan(body);

  const SplicedBody result(body, *scan, "gpt", AsItIs);

  ASSERT_EQ(result.pieces().size(), 1u);
  EXPECT_EQ(result.pieces()[0].data(), body.data());
}

TEST(SplicedBody, AsksForUsageWhereverTheOptionsStand) {
  EXPECT_EQ(spliced(R"({"model":"m"})", "m", AskFor),
            R"({"stream_options":{"include_usage":true},"model":"m"})");
  EXPECT_EQ(spliced(R"({"model":"m","stream_options":null})", "n", AskFor),
            R"({"model":"n","stream_options":{"include_usage":true}})");
  EXPECT_EQ(spliced(R"({"stream_options":{},"model":"m"})", "n", AskFor),
            R"({"stream_options":{"include_usage":true},"model":"n"})");
  EXPECT_EQ(spliced(R"({"stream_options":{"a":1},"model":"m"})", "n", AskFor),
            R"({"stream_options":{"include_usage":true,"a":1},"model":"n"})");
  EXPECT_EQ(spliced(R"({"model":"m","stream_options":{"include_usage":false,"a":1}})", "n", AskFor),
            R"({"model":"n","stream_options":{"include_usage":true,"a":1}})");
}

TEST(SplicedBody, LeavesAClientsOwnQuestionAlone) {
  const std::string body = R"({"model":"m","stream_options":{"include_usage":true}})";
  RequestScanner scanner;
  const auto scan = scanner.scan(body);

  const SplicedBody result(body, *scan, "m", AskFor);

  ASSERT_EQ(result.pieces().size(), 1u);
  EXPECT_EQ(result.pieces()[0].data(), body.data());
}

}  // namespace
}  // namespace vdm::proxy::splice_test
