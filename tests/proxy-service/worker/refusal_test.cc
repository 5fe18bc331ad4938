#include "proxy-service/worker/refusal.h"

#include <gtest/gtest.h>

namespace vdm::proxy::refusal_test {
namespace {

const Refusal Unknown{404, "unknown_model", "no provider serves 'x\"y'"};

TEST(Refusal, IsWrittenInAnthropicsWords) {
  EXPECT_EQ(
      error_body(Dialect::Anthropic, Unknown, "req_1"),
      R"({"type":"error","error":{"type":"not_found_error","message":"no provider serves 'x\"y'"},"request_id":"req_1"})");
}

TEST(Refusal, IsWrittenInOpenAisWords) {
  EXPECT_EQ(
      error_body(Dialect::OpenAi, Unknown, "req_1"),
      R"({"error":{"message":"no provider serves 'x\"y'","type":"invalid_request_error","param":null,"code":"model_not_found"}})");
}

TEST(Refusal, EndsAStreamAsOneEvent) {
  const Refusal slow{504, "upstream_timeout", "late"};

  EXPECT_EQ(error_event(Dialect::Anthropic, slow, "r"),
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\","
            "\"message\":\"late\"},\"request_id\":\"r\"}\n\n");
  EXPECT_EQ(error_event(Dialect::OpenAi, slow, "r"),
            "data: {\"error\":{\"message\":\"late\",\"type\":\"timeout_error\",\"param\":null,"
            "\"code\":null}}\n\n");
}

TEST(Refusal, TakesItsStatusFromTheKindOfError) {
  EXPECT_EQ(refusal_of(Error{ErrorKind::UpstreamTimeout, "x"}).status, 504);
  EXPECT_EQ(refusal_of(Error{ErrorKind::UpstreamRejected, "x"}).type, "upstream_error");
  EXPECT_EQ(refusal_of(http1::BodyTooLarge).status, 413);
}

}  // namespace
}  // namespace vdm::proxy::refusal_test
