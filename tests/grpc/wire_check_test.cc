#include "metrics-service/ingest/wire_check.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <vdm/metrics/v1/ingest.pb.h>

#include "proto/contract/event_codec.h"

namespace vdm::metrics::wire_check_test {
namespace {

Result<void> check(std::string_view bytes) {
  return check_wire(*v1::ReportRequest::descriptor(), bytes);
}

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string all;
  while (all.size() + piece.size() <= bytes) all += piece;
  return all;
}

/// The Batch of a ReportRequest, around `events`.
std::string batch_of(const std::string& events) {
  v1::Batch batch;
  batch.set_first_seq(1);
  const std::string encoded = batch.SerializeAsString() + events;
  std::string request(1, '\x12');  // ReportRequest.batch
  for (std::size_t size = encoded.size(); true; size >>= 7) {
    request += static_cast<char>(size < 0x80 ? size : (size & 0x7f) | 0x80);
    if (size < 0x80) break;
  }
  return request + encoded;
}

TEST(WireCheck, PassesTheLargestBatchThatAProxySends) {
  v1::ReportRequest request;
  request.mutable_batch()->set_first_seq(1);
  for (std::size_t i = 0; i < Caps::BatchEvents; ++i) {
    auto& ended = *request.mutable_batch()->add_events()->mutable_ended();
    ended.mutable_facts()->set_request_id("r" + std::to_string(i));
    ended.mutable_usage()->set_input_tokens(1);
    for (std::size_t attempt = 0; attempt < Caps::Attempts; ++attempt) {
      auto& each = *ended.add_attempts();
      each.set_provider("p");
      each.set_resolved_model("m");
      each.set_http_status(500);
      each.set_error_type("e");
      each.set_started_after_us(1);
      each.set_connected_after_us(1);
      each.set_first_byte_after_us(1);
      each.set_ended_after_us(1);
      each.set_connection_reused(true);
    }
  }

  const auto checked = check(request.SerializeAsString());

  EXPECT_TRUE(checked) << (checked ? "" : checked.error().message);
}

TEST(WireCheck, RefusesMillionsOfEmptyEvents) {
  v1::ReportRequest two;
  two.mutable_batch()->set_first_seq(1);
  two.mutable_batch()->add_events();
  two.mutable_batch()->add_events();
  const std::string empty_event("\x12\0", 2);
  ASSERT_EQ(batch_of(empty_event + empty_event), two.SerializeAsString());

  EXPECT_TRUE(check(batch_of(repeated(empty_event, 1'000))));
  EXPECT_FALSE(check(batch_of(repeated(empty_event, Caps::MessageBytes - 100))));
}

TEST(WireCheck, RefusesMillionsOfFieldsThatItDoesNotKnow) {
  const std::string unknown("\xf8\x07\x01", 3);  // field 127

  EXPECT_TRUE(check(repeated(unknown, 3'000)));
  EXPECT_FALSE(check(repeated(unknown, Caps::MessageBytes - 100)));
  EXPECT_FALSE(check(batch_of(repeated(unknown, Caps::MessageBytes - 100))));
}

TEST(WireCheck, RefusesWhatIsNotWhole) {
  EXPECT_FALSE(check("\x12"));
  EXPECT_FALSE(
      check("\x12\x05"
            "abc"));
  EXPECT_FALSE(
      check("\x09"
            "1234567"));
  EXPECT_FALSE(check(std::string_view("\0\0", 2)));
  EXPECT_FALSE(check("\x0b\x0c"));  // a group
  EXPECT_FALSE(check("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
}

}  // namespace
}  // namespace vdm::metrics::wire_check_test
