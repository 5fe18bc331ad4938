#include "proxy-service/convert/content/thought_signature.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace vdm::proxy::thought_signature_test {
namespace {

namespace json = boost::json;

json::object signed_call(std::string_view signer, std::string_view signature) {
  json::object by;
  by.emplace(signer, json::object{{"thought_signature", json::string(signature)}});
  return {{"id", "call_1"}, {"extra_content", std::move(by)}};
}

TEST(ThoughtSignature, TravelsInTheIdAndComesBack) {
  const json::object call = signed_call("google", "AY89a18I/wQ+S8in==");

  const std::string shown = id_with_signature("call_1", call);
  const SignedId back = split_signed_id(shown);

  EXPECT_TRUE(std::ranges::all_of(shown, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  })) << shown;
  EXPECT_EQ(back.id, "call_1");
  EXPECT_EQ(back.extra_content, call.at("extra_content").as_object());
  EXPECT_EQ(id_without_signature(shown), "call_1");
}

TEST(ThoughtSignature, ComesBackUnderTheNameItCameWith) {
  const json::object call = signed_call("vertex", "CpIB");

  EXPECT_EQ(split_signed_id(id_with_signature("c", call)).extra_content,
            call.at("extra_content").as_object());
}

TEST(ThoughtSignature, IsTheSameOfACallThatCameInPieces) {
  EXPECT_EQ(id_with_signature("c", "vertex", "CpIB"),
            id_with_signature("c", signed_call("vertex", "CpIB")));
  EXPECT_EQ(id_with_signature("c", "somebody", "CpIB"), "c");
}

TEST(ThoughtSignature, LeavesAnUnsignedIdAlone) {
  EXPECT_EQ(id_with_signature("call_1", {{"id", "call_1"}}), "call_1");
  EXPECT_EQ(id_with_signature("call_1", {{"extra_content", 5}}), "call_1");
  EXPECT_EQ(split_signed_id("toolu_01").id, "toolu_01");
  EXPECT_TRUE(split_signed_id("toolu_01").extra_content.empty());
}

TEST(ThoughtSignature, IsNotMadeFromWhatOnlyLooksLikeOne) {
  EXPECT_EQ(split_signed_id("a_vdmsig_x").id, "a_vdmsig_x");
  EXPECT_EQ(split_signed_id("a_vdmsig_g!").id, "a_vdmsig_g!");
  EXPECT_EQ(split_signed_id("a_vdmsig_g_w").id, "a_vdmsig_g_w");  // a byte that is no text
}

TEST(ThoughtSignature, IsLeftOutWhenItIsHuge) {
  const json::object call = signed_call("google", std::string(65 * 1024, 'A'));

  EXPECT_EQ(id_with_signature("call_1", call), "call_1");
}

}  // namespace
}  // namespace vdm::proxy::thought_signature_test
