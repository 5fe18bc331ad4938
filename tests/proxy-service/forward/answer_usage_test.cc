#include "proxy-service/forward/answer_usage.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/http1/every_split.h"

namespace vdm::proxy::answer_usage_test {
namespace {

std::string usage_in(std::string_view type, std::string_view answer) {
  static std::string of_type;
  of_type = type;
  const auto read = [](const std::vector<std::string_view>& pieces) {
    AnswerUsage usage(AnswerUsage::form_of(of_type));
    for (const std::string_view piece : pieces) usage.push(piece);
    return usage.summary(true);
  };
  return http1::same_for_every_split(read, answer);
}

TEST(AnswerUsage, IsReadFromJsonWhereverItIsCut) {
  EXPECT_EQ(usage_in("application/json",
                     R"({"data":[{"embedding":[0.5]}],"model":"e","usage":{"prompt_tokens":8}})"),
            R"({"model":"e","usage":{"prompt_tokens":8}})");
  EXPECT_EQ(usage_in("Application/JSON; charset=utf-8", R"({"text":"usage"})"), "");
}

TEST(AnswerUsage, IsTheInputWhereOnlyATotalIsSaid) {
  EXPECT_EQ(usage_in("application/json", R"({"usage":{"total_tokens":5}})"),
            R"({"usage":{"prompt_tokens":5}})");
  EXPECT_EQ(usage_in("application/json", R"({"usage":{"input_tokens":2,"total_tokens":5}})"),
            R"({"usage":{"input_tokens":2,"total_tokens":5}})");
}

TEST(AnswerUsage, IsTheLastOfAStream) {
  EXPECT_EQ(usage_in("text/event-stream",
                     "event: a\r\ndata: {\"model\":\"m\",\"usage\":null}\r\n\r\n"
                     ": usage\n\ndata:{\"usage\":{\"prompt_tokens\":1}}\n\n"
                     "data: {\"usage\":{\"prompt_tokens\":3}}\n\ndata: [DONE]\n\n"),
            R"({"model":"m","usage":{"prompt_tokens":3}})");
}

TEST(AnswerUsage, OfAStreamThatEndsInItsLastLineIsReadToo) {
  EXPECT_EQ(usage_in("text/event-stream", R"(data: {"usage":{"prompt_tokens":3}})"),
            R"({"usage":{"prompt_tokens":3}})");
}

TEST(AnswerUsage, IsNotLookedForInWhatIsNoText) {
  EXPECT_EQ(usage_in("audio/mpeg", R"({"usage":{"prompt_tokens":3}})"), "");
  EXPECT_EQ(usage_in("application/json", R"({"usage":{"a":")" + std::string(5000, 'x') + R"("}})"),
            "");
}

TEST(AnswerUsage, LeavesTheModelOutWhereNoneWasAskedFor) {
  AnswerUsage usage(AnswerUsage::Form::Json);
  usage.push(R"({"model":"m","usage":{"total_tokens":1}})");

  EXPECT_EQ(usage.summary(false), R"({"usage":{"prompt_tokens":1}})");
}

}  // namespace
}  // namespace vdm::proxy::answer_usage_test
