#include "proxy-service/convert/stop_reason.h"

#include <gtest/gtest.h>

namespace vdm::proxy::stop_reason_test {
namespace {

TEST(StopReason, IsSaidInAnthropicsWords) {
  EXPECT_EQ(stop_reason_of("stop", false), "end_turn");
  EXPECT_EQ(stop_reason_of("length", false), "max_tokens");
  EXPECT_EQ(stop_reason_of("tool_calls", true), "tool_use");
  EXPECT_EQ(stop_reason_of("function_call", true), "tool_use");
  EXPECT_EQ(stop_reason_of("content_filter", false), "refusal");
  EXPECT_EQ(stop_reason_of("", false), "end_turn");
  EXPECT_EQ(stop_reason_of("brand_new", false), "end_turn");
}

TEST(StopReason, IsACallWhenThereIsOneAndOnlyThen) {
  EXPECT_EQ(stop_reason_of("stop", true), "tool_use");
  EXPECT_EQ(stop_reason_of("tool_calls", false), "end_turn");
  EXPECT_EQ(stop_reason_of("length", true), "max_tokens");
}

TEST(FinishReason, IsSaidInOpenAisWords) {
  EXPECT_EQ(finish_reason_of("end_turn"), "stop");
  EXPECT_EQ(finish_reason_of("stop_sequence"), "stop");
  EXPECT_EQ(finish_reason_of("pause_turn"), "stop");
  EXPECT_EQ(finish_reason_of("max_tokens"), "length");
  EXPECT_EQ(finish_reason_of("model_context_window_exceeded"), "length");
  EXPECT_EQ(finish_reason_of("tool_use"), "tool_calls");
  EXPECT_EQ(finish_reason_of("refusal"), "content_filter");
  EXPECT_EQ(finish_reason_of("brand_new"), "stop");
}

}  // namespace
}  // namespace vdm::proxy::stop_reason_test
