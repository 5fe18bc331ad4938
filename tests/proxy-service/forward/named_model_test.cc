#include "proxy-service/forward/named_model.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/http1/every_split.h"

namespace vdm::proxy::named_model_test {
namespace {

std::string named(std::string_view type, const std::vector<std::string_view>& pieces) {
  auto model = NamedModel::of(type);
  if (!model) return model.error().message;
  std::string body;
  for (const std::string_view piece : pieces) {
    body.append(piece);
    if (const auto read = model->read(body); !read) return read.error().message;
  }
  if (model->name().empty()) return model->may_follow() ? "(may follow)" : "(none)";
  const auto [begin, size] = model->token();
  return body.replace(begin, size, model->written("new\"name")) + (model->stream() ? " s" : "");
}
std::string in_json(std::string_view body) {
  const auto read = [](const std::vector<std::string_view>& pieces) {
    return named("application/json; charset=utf-8", pieces);
  };
  return http1::same_for_every_split(read, body);
}

TEST(NamedModel, OfJsonIsReplacedAsJson) {
  EXPECT_EQ(in_json(R"({"input":"x","model":"a","stream":true})"),
            R"({"input":"x","model":"new\"name","stream":true} s)");
  EXPECT_EQ(in_json(R"({"model":"\u0061"})"), R"({"model":"new\"name"})");
}

TEST(NamedModel, OfMultipartIsReplacedAsItStands) {
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na\r\n--b--\r\n";

  EXPECT_EQ(named("Multipart/Form-Data; boundary=b", {body}),
            "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nnew\"name\r\n--b--\r\n");
}

TEST(NamedModel, MayBeMissingOrNull) {
  EXPECT_EQ(in_json(R"({"input":"x"})"), "(none)");
  EXPECT_EQ(in_json(R"({"model":null})"), "(none)");
  EXPECT_EQ(in_json(R"({"input":"x)"), "(may follow)");
  EXPECT_EQ(in_json(R"(["model"])"), "(none)");
  EXPECT_EQ(named("application/octet-stream", {R"({"model":"a"})"}), "(none)");
  EXPECT_EQ(named("application/x-www-form-urlencoded", {"model=a"}), "(none)");
}

TEST(NamedModel, IsFoundInJsonThatBearsNoLabelOrCurlsOwn) {
  const std::string_view body = R"({"model":"a"})";

  EXPECT_EQ(named("", {body}), R"({"model":"new\"name"})");
  EXPECT_EQ(named("application/x-www-form-urlencoded", {body}), R"({"model":"new\"name"})");
}

TEST(NamedModel, IsRefusedWhenItIsNoNameOrStandsThereTwice) {
  const std::string bad = "model: expected 1 to 512 bytes without control characters";

  EXPECT_EQ(in_json(R"({"model":"a","model":"b"})"), "model: expected once, found twice");
  EXPECT_EQ(in_json(R"({"model":7})"), "model: expected a string");
  EXPECT_EQ(in_json(R"({"model":""})"), bad);
  EXPECT_EQ(in_json(R"({"model":"a\nb"})"), bad);
  EXPECT_EQ(in_json(R"({"model":"\x"})"), "model: expected a JSON string, found a broken escape");
  EXPECT_EQ(named("application/json", {R"({"model":")" + std::string(513, 'm') + R"("})"}), bad);
  EXPECT_EQ(named("application/json", {R"({"model":")" + std::string(4000, 'm') + R"("})"}), bad);
}

TEST(NamedModel, OfMultipartNeedsABoundary) {
  EXPECT_EQ(named("multipart/form-data", {}),
            "Content-Type: expected a boundary of 1 to 70 characters");
}

}  // namespace
}  // namespace vdm::proxy::named_model_test
