#include <gtest/gtest.h>

#include <string>

#include <vdm/metrics/v1/events.pb.h>

#include "common/base/json_writer.h"
#include "metrics-service/cli/events/json_text.h"
#include "metrics-service/cli/events/tail.h"
#include "metrics-service/cli/events/views.h"
#include "metrics-service/cli/terminal/control.h"
#include "metrics-service/cli/terminal/table.h"

namespace vdm::cli::text_test {
namespace {

namespace v1 = metrics::v1;

constexpr char Hostile[] =
    "\x1b[2J\n\x7f\xc2\x9b"
    "31m\"\\<b>";

/// As every text in the JSON for a terminal is written.
std::string json_string(std::string_view text) {
  return harmless_json(JsonWriter().value(text).take());
}

TEST(JsonText, WritesScalarsAlwaysAndMessagesWhereTheyAreSet) {
  v1::RequestProgressed progress;
  progress.set_request_id("a");
  progress.set_phase(v1::PHASE_STREAMING);
  progress.set_response_bytes(9'007'199'254'740'991);

  EXPECT_EQ(json_text(progress),
            R"({"request_id":"a","phase":"streaming","elapsed_us":0,)"
            R"("response_bytes":9007199254740991,"tool_call_count":0,"attempt":0,)"
            R"("since_last_byte_us":0,"other_model":""})");
}

TEST(JsonText, WritesWhatIsRepeatedAndNested) {
  v1::RequestEnded ended;
  ended.mutable_usage()->set_input_estimated(true);
  ended.add_attempts()->set_provider("x");
  ended.set_ttft_us(0);

  const std::string text = json_text(ended);

  EXPECT_NE(text.find(R"("attempts":[{"provider":"x",)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("input_estimated":true)"), std::string::npos);
  EXPECT_NE(text.find(R"("ttft_us":0)"), std::string::npos);
}

TEST(JsonText, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(json_string(Hostile), R"("\u001b[2J\n\u007f\u009b31m\"\\<b>")");
}

TEST(JsonText, EscapesWhatTurnsTheDirectionOfText) {
  EXPECT_EQ(json_string("\xe2\x80\xae"
                        "a\xe2\x81\xa6"
                        "b\xd8\x9c"
                        "\xe2\x80\xa8"
                        "\xe2\x82\xac"),
            "\"\\u202ea\\u2066b\\u061c\\u2028\xe2\x82\xac\"");
}

TEST(JsonText, ShortensEnumValues) {
  EXPECT_EQ(short_name("Outcome", "OUTCOME_UPSTREAM_ERROR"), "upstream_error");
  EXPECT_EQ(short_name("ProxyState", "PROXY_STATE_GONE"), "gone");
}

TEST(TailLine, IsEmptyForHeartbeats) {
  v1::SubscribeReply reply;
  reply.mutable_heartbeat();

  EXPECT_EQ(tail_line(reply), "");
}

TEST(TailLine, HoldsNoLineEndWhateverTheNames) {
  v1::SubscribeReply reply;
  reply.mutable_event()->set_proxy(Hostile);
  reply.mutable_event()->mutable_started()->mutable_facts()->set_requested_model(Hostile);

  EXPECT_EQ(tail_line(reply).find('\n'), std::string::npos);
}

TEST(Table, AlignsByCharactersAndCutsTrailingSpace) {
  Table table({{"NAME"}, {"N", Align::Right}, {"LAST"}});
  table.add({"é", "1", "x"});
  table.add({"long name", "1,234", ""});

  EXPECT_EQ(table.text(Colour::Never),
            "NAME           N  LAST\n"
            "é              1  x\n"
            "long name  1,234\n");
}

TEST(Table, ColoursOnlyWhenAsked) {
  const Table table({{"NAME"}});

  EXPECT_EQ(table.text(Colour::Never), "NAME\n");
  EXPECT_EQ(table.text(Colour::Always), "\x1b[1mNAME\x1b[0m\n");
}

TEST(Table, ShowsControlCharactersAsQuestionMarks) {
  Table table({{"NAME"}});
  table.add({Hostile});

  EXPECT_EQ(table.text(Colour::Never), "NAME\n?[2J???31m\"\\<b>\n");
}

TEST(Table, KeepsTheDirectionOfItsLines) {
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b\xe2\x81\xa9"
                      "\xe2\x82\xac"),
            "a?b?\xe2\x82\xac");
}

TEST(Table, SaysNumbersShortly) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(duration_text(999'999), "999ms");
  EXPECT_EQ(duration_text(12'340'000), "12.3s");
  EXPECT_EQ(duration_text(245'000'000), "4m05s");
  EXPECT_EQ(duration_text(11'520'000'000), "3h12m");
  EXPECT_EQ(rate_text(0), "-");
  EXPECT_EQ(rate_text(42.06), "42.1");
}

TEST(Views, MarkEstimatesAndStaleRequests) {
  v1::GetActiveRequestsReply reply;
  reply.set_total(3);
  auto& row = *reply.add_active();
  row.set_stale(true);
  row.mutable_facts()->set_request_id("req_a");
  row.mutable_progress()->mutable_usage()->set_output_tokens(20);
  row.mutable_progress()->mutable_usage()->set_output_estimated(true);

  const std::string text = active_text(reply, Colour::Never);

  EXPECT_NE(text.find("stale"), std::string::npos);
  EXPECT_NE(text.find("~20"), std::string::npos);
  EXPECT_NE(text.find("and 2 more"), std::string::npos);
}

TEST(Views, NoteBehindTheModelWhatIsOutOfTheOrdinary) {
  v1::GetActiveRequestsReply reply;
  auto& row = *reply.add_active();
  row.mutable_facts()->set_resolved_model("large");
  row.mutable_facts()->set_credential(v1::CREDENTIAL_SUBSCRIPTION);
  row.mutable_progress()->set_other_model("small");
  reply.add_active()->mutable_facts()->set_requested_model("plain");
  reply.mutable_active(1)->mutable_facts()->set_credential(v1::CREDENTIAL_KEY);

  const std::string text = active_text(reply, Colour::Never);

  EXPECT_NE(text.find("large [subscription] [answered by small]"), std::string::npos) << text;
  EXPECT_EQ(text.find("plain ["), std::string::npos) << text;
}

TEST(Views, SayHowManyAnswersCameFromAnotherModelAndHowManyRejectionsAreInNoList) {
  v1::GetRunningTotalsReply totals;
  totals.mutable_summary()->set_model_mismatches(4321);
  EXPECT_NE(totals_text(totals, Colour::Never).find("4,321"), std::string::npos);

  v1::GetStatusReply status;
  status.add_proxies()->set_rejections_unlisted(9876);
  EXPECT_NE(status_text(status, "here", Colour::Never).find("9,876"), std::string::npos);
}

}  // namespace
}  // namespace vdm::cli::text_test
