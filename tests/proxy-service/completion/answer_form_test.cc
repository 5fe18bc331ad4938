#include "proxy-service/completion/answer_form.h"

#include <gtest/gtest.h>

namespace vdm::proxy::answer_form_test {
namespace {

constexpr std::size_t BlankMax = 8;

std::optional<AnswerForm> form(std::string_view begin) { return form_of(begin, BlankMax); }

/// The form that the text is found to have when it comes byte by byte.
std::optional<AnswerForm> form_bytewise(std::string_view text) {
  for (std::size_t size = 1; size <= text.size(); ++size) {
    if (const auto found = form(text.substr(0, size))) return found;
  }
  return std::nullopt;
}

TEST(AnswerForm, IsJudgedByTheFirstBytes) {
  constexpr std::pair<std::string_view, AnswerForm> Cases[] = {
      {"data: {}\n\n", AnswerForm::Stream},
      {"event: x\n", AnswerForm::Stream},
      {"id: 7\n", AnswerForm::Stream},
      {"retry: 10\n", AnswerForm::Stream},
      {": comment\n", AnswerForm::Stream},
      {"\n\ndata:{}", AnswerForm::Stream},
      {"\xEF\xBB\xBF"
       "data: 1",
       AnswerForm::Stream},
      {"{\"id\":1}", AnswerForm::Whole},
      {" \r\n [1]", AnswerForm::Whole},
      {"<!DOCTYPE html>", AnswerForm::Page},
      {"\n<?xml?>", AnswerForm::Page},
      {"\x1f\x8b\x08", AnswerForm::Gzip},
  };
  for (const auto& [text, expected] : Cases) {
    EXPECT_EQ(form(text), expected) << text;
    EXPECT_EQ(form_bytewise(text), expected) << text;
  }
}

TEST(AnswerForm, IsTheLabelsOfWhatIsNeither) {
  for (const std::string_view text : {"error code: 502", "upstream connect error", "datum", "7"}) {
    EXPECT_EQ(form(text), AnswerForm::Labelled) << text;
    EXPECT_EQ(form_bytewise(text), AnswerForm::Labelled) << text;
  }
}

TEST(AnswerForm, IsNotKnownTooEarly) {
  for (const std::string_view text : {"", "d", "dat", "data", "even", "\n", "\x1f", "\xEF\xBB"}) {
    EXPECT_EQ(form(text), std::nullopt) << text;
  }
}

TEST(AnswerForm, IsTheLabelsAfterTooMuchWhiteSpace) {
  EXPECT_EQ(form(std::string(BlankMax, '\n')), std::nullopt);
  EXPECT_EQ(form(std::string(BlankMax + 1, '\n')), AnswerForm::Labelled);
  EXPECT_EQ(form_of("\n", 0), AnswerForm::Labelled);
  EXPECT_EQ(form_of("", 0), std::nullopt);
}

}  // namespace
}  // namespace vdm::proxy::answer_form_test
