#include <gtest/gtest.h>

#include "proto/contract/event.h"
#include "proxy-service/convert/chat_to_messages/request.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/thinned_json.h"
#include "proxy-service/convert/json/wire_json.h"
#include "proxy-service/convert/messages_to_chat/request.h"
#include "proxy-service/providers/facts_table.h"
#include "tests/proxy-service/convert/golden.h"

namespace vdm::proxy::request_golden_test {
namespace {

namespace json = boost::json;
using golden::Case;
using golden::Direction;
using golden::pretty;

/// What is known of the model, as in the proxy; a case may name the provider that it is served by.
RequestOptions options_for(const Case& one, Dialect target, std::string_view model) {
  const DoorDialect door = target == Dialect::Anthropic ? DoorDialect::Messages : DoorDialect::Chat;
  RequestOptions options{
      .model = std::string(model),
      .facts = FactsTable::built_in()
                   .find(target == Dialect::OpenAi ? find_text(one.options, "provider") : "", model,
                         door)
                   .facts};
  if (find_text(one.options, "system_turns") == "as_they_are") {
    options.facts.traits.set(Trait::TakesSystemTurns);
  }
  if (find(one.options, "file_parts") != nullptr)
    options.facts.traits.set(Trait::TakesFileParts, false);
  return options;
}

Result<json::object> convert(const Case& one, Direction direction, const json::object& request,
                             std::string_view model) {
  ToolNames names;
  if (direction == Direction::ToOpenAi) {
    return request_messages_to_chat(request, options_for(one, Dialect::OpenAi, model), names);
  }
  return request_chat_to_messages(request, options_for(one, Dialect::Anthropic, model), names);
}

std::string_view source_of(Direction direction) {
  return direction == Direction::ToOpenAi ? "anthropic" : "openai";
}
std::string_view target_of(Direction direction) {
  return direction == Direction::ToOpenAi ? "openai" : "anthropic";
}

TEST(RequestGolden, IsConvertedAsWritten) {
  for (const Case& one : golden::cases("request")) {
    for (const Direction direction : one.directions) {
      SCOPED_TRACE(one.name + " to " + std::string(target_of(direction)));
      const auto source = golden::read("request", one.name, source_of(direction));
      if (!one.refused.empty()) {
        const auto refused = convert(one, direction, source, "any");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().message, one.refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::InvalidRequest);
        continue;
      }
      const auto wanted = golden::read("request", one.name, target_of(direction));

      const auto converted = convert(one, direction, source, find_text(wanted, "model"));

      ASSERT_TRUE(converted) << converted.error().message;
      EXPECT_EQ(pretty(*converted), pretty(wanted));
    }
  }
}

TEST(RequestGolden, IsTheSameWithItsLongStringsSetAside) {
  std::size_t set_aside = 0;
  for (const Case& one : golden::cases("request")) {
    for (const Direction direction : one.directions) {
      SCOPED_TRACE(one.name + " to " + std::string(target_of(direction)));
      const auto source = golden::read("request", one.name, source_of(direction));
      const std::string body = json_text(source);
      const auto wanted = convert(one, direction, source, "any");

      const auto thinned = ThinnedJson::of(
          body, {.text_bytes_min = 12,
                 .text_bytes_kept = 3,
                 .data_bytes_min = 84,
                 .data_bytes_kept = 41,
                 .written_as_text = direction == Direction::ToOpenAi ? "input" : ""});
      ASSERT_TRUE(thinned);
      const auto short_source = parse_body(thinned->text());
      ASSERT_TRUE(short_source) << short_source.error().message;
      const auto converted = convert(one, direction, *short_source, "any");

      ASSERT_EQ(converted.has_value(), wanted.has_value());
      if (!wanted) continue;
      const std::string written = json_text(*converted);
      const std::string whole = thinned->put_back(written);
      if (whole != written) ++set_aside;
      const auto read = parse_body(whole);
      ASSERT_TRUE(read) << whole;
      EXPECT_EQ(pretty(*read), pretty(*wanted));
    }
  }
  EXPECT_GT(set_aside, 15u);
}

TEST(RequestGolden, IsTheSameAgainAfterThereAndBack) {
  int tried = 0;
  for (const Case& one : golden::cases("request")) {
    if (!one.round_trip) continue;
    SCOPED_TRACE(one.name);
    const auto anthropic = golden::read("request", one.name, "anthropic");
    const auto openai = golden::read("request", one.name, "openai");

    const auto there = convert(one, Direction::ToOpenAi, anthropic, find_text(openai, "model"));
    ASSERT_TRUE(there);
    const auto back = convert(one, Direction::ToAnthropic, *there, find_text(anthropic, "model"));

    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(json::value(*back), json::value(anthropic)) << pretty(*back);
    ++tried;
  }
  EXPECT_GT(tried, 10);
}

TEST(RequestGolden, LosesNothingMoreTheSecondTime) {
  for (const Case& one : golden::cases("request")) {
    const bool to_openai = one.directions.front() == Direction::ToOpenAi;
    if (!to_openai || !one.refused.empty() || one.one_way) continue;
    SCOPED_TRACE(one.name);
    const auto anthropic = golden::read("request", one.name, "anthropic");
    const auto openai = golden::read("request", one.name, "openai");
    const std::string_view model = find_text(openai, "model");

    const auto back = convert(one, Direction::ToAnthropic, openai, find_text(anthropic, "model"));
    ASSERT_TRUE(back) << back.error().message;
    const auto again = convert(one, Direction::ToOpenAi, *back, model);

    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(json::value(*again), json::value(openai)) << pretty(*again);
  }
}

}  // namespace
}  // namespace vdm::proxy::request_golden_test
