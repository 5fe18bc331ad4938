#include "proxy-service/convert/json/field.h"

#include <gtest/gtest.h>

namespace vdm::proxy::field_test {
namespace {

TEST(FieldPath, IsSpelledFromTheBodyInwards) {
  const FieldPath messages("messages");
  const FieldPath message = messages.element(2);
  const FieldPath content = message.member("content");

  EXPECT_EQ(content.element(0).text(), "messages[2].content[0]");
  EXPECT_EQ(message.error("expected an object").message, "messages[2]: expected an object");
  EXPECT_EQ(message.error("x").kind, ErrorKind::InvalidRequest);
}

TEST(Find, TakesANullForNothing) {
  const boost::json::object object{{"null", nullptr}, {"text", "a"}, {"no", false}};

  EXPECT_EQ(find(object, "null"), nullptr);
  EXPECT_EQ(find(object, "none"), nullptr);
  EXPECT_EQ(find_text(object, "text"), "a");
  EXPECT_EQ(find_text(object, "no"), "");
  EXPECT_EQ(find_object(object, "text"), nullptr);
  EXPECT_FALSE(find_true(object, "no"));
}

TEST(Shown, QuotesANameAndNothingElse) {
  EXPECT_EQ(shown("web_search_20250305"), "'web_search_20250305'");
  EXPECT_EQ(shown("my secret words"), "other");
  EXPECT_EQ(shown(""), "other");
  EXPECT_EQ(shown(std::string(65, 'a')), "other");
}

}  // namespace
}  // namespace vdm::proxy::field_test
