#include "metrics-service/store/history_row.h"

#include <boost/json.hpp>

#include "common/base/digest.h"

namespace vdm::metrics {
namespace {

namespace json = boost::json;

std::vector<Attempt> attempts_of(const std::string& text) {
  boost::system::error_code fault;
  const json::value parsed = json::parse(text, fault);
  std::vector<Attempt> attempts;
  if (fault || !parsed.is_array()) return attempts;
  for (const json::value& item : parsed.get_array()) {
    if (!item.is_object()) continue;
    const json::object& object = item.get_object();
    const auto word = [&](const char* name) {
      const auto* value = object.if_contains(name);
      return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    const auto number = [&](const char* name) {
      const auto* value = object.if_contains(name);
      return value && value->is_int64() ? value->get_int64() : 0;
    };
    const auto* reused = object.if_contains("reused");
    attempts.push_back(
        Attempt{.provider = word("provider"),
                .resolved_model = word("model"),
                .http_status = static_cast<std::uint32_t>(number("status")),
                .error_type = word("error_type"),
                .started_after = Micros(number("started_us")),
                .connected_after = Micros(number("connected_us")),
                .first_byte_after = Micros(number("first_byte_us")),
                .ended_after = Micros(number("ended_us")),
                .connection_reused = reused && reused->is_bool() && reused->get_bool()});
  }
  return attempts;
}

}  // namespace

std::string attempts_text(const std::vector<Attempt>& attempts) {
  json::array all;
  for (const Attempt& attempt : attempts) {
    all.push_back(json::object{{"provider", attempt.provider},
                               {"model", attempt.resolved_model},
                               {"status", attempt.http_status},
                               {"error_type", attempt.error_type},
                               {"started_us", attempt.started_after.count()},
                               {"connected_us", attempt.connected_after.count()},
                               {"first_byte_us", attempt.first_byte_after.count()},
                               {"ended_us", attempt.ended_after.count()},
                               {"reused", attempt.connection_reused}});
  }
  return json::serialize(all);
}

void bind_nothing(sqlite::Statement& to, std::span<const HistoryColumn> columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) to.nothing();
}

void bind_facts(sqlite::Statement& to, const RequestFacts& facts) {
  to.text(facts.request_id)
      .number(micros(facts.started_at))
      .number(static_cast<std::int64_t>(facts.client_dialect))
      .number(static_cast<std::int64_t>(facts.upstream_dialect))
      .text(facts.requested_model)
      .text(facts.resolved_model)
      .text(facts.provider)
      .number(std::int64_t{facts.streaming})
      .number(facts.message_count)
      .number(facts.request_bytes)
      .number(facts.tool_use_count)
      .number(facts.tool_result_count)
      .text(facts.client_label)
      .text(facts.user_agent)
      .text(facts.session_id)
      .text(facts.agent_id)
      .text(facts.trace_id)
      .text(facts.attempt_group)
      .text(kind_of(facts))
      .number(static_cast<std::int64_t>(facts.credential));
}

void bind_ended(sqlite::Statement& to, const Ended& ended, std::string_view attempts) {
  const int estimated =
      (ended.usage.input_estimated ? 1 : 0) | (ended.usage.output_estimated ? 2 : 0);
  std::optional<std::int64_t> ttft;
  if (ended.ttft) ttft = ended.ttft->count();
  to.number(static_cast<std::int64_t>(ended.outcome))
      .number(ended.http_status)
      .text(ended.error_type)
      .text(ended.error_message)
      .number(std::int64_t{ended.duration.count()})
      .number(ttft)
      .number(ended.usage.input_tokens)
      .number(ended.usage.output_tokens)
      .number(ended.usage.cache_read_tokens)
      .number(ended.usage.cache_creation_tokens)
      .number(ended.usage.reasoning_tokens)
      .number(std::int64_t{estimated})
      .number(ended.tool_call_count)
      .text(ended.finish_reason)
      .number(ended.response_bytes)
      .number(std::int64_t{ended.overhead.count()})
      .text(attempts)
      .text(answered_model(ended))
      .number(std::int64_t{ended.model_mismatch});
}

FactsPtr read_facts(sqlite::Statement& from) {
  RequestFacts facts;
  facts.request_id = from.read_text();
  facts.started_at = WallTime(Micros(from.read_number()));
  facts.client_dialect = from.read_as<Dialect>();
  facts.upstream_dialect = from.read_as<Dialect>();
  facts.requested_model = from.read_text();
  facts.resolved_model = from.read_text();
  facts.provider = from.read_text();
  facts.streaming = from.read_number() != 0;
  facts.message_count = from.read_as<std::uint32_t>();
  facts.request_bytes = from.read_as<std::uint64_t>();
  facts.tool_use_count = from.read_as<std::uint32_t>();
  facts.tool_result_count = from.read_as<std::uint32_t>();
  facts.client_label = from.read_text();
  facts.user_agent = from.read_text();
  facts.session_id = from.read_text();
  facts.agent_id = from.read_text();
  facts.trace_id = from.read_text();
  facts.attempt_group = from.read_text();
  set_kind(facts, from.read_text());
  const auto credential = from.read_number();
  if (credential > 0 && credential <= static_cast<std::int64_t>(Credential::None)) {
    facts.credential = static_cast<Credential>(credential);
  }
  return std::make_shared<const RequestFacts>(std::move(facts));
}

Ended read_ended(sqlite::Statement& from, FactsPtr facts) {
  Ended ended;
  ended.facts = std::move(facts);
  const auto outcome = from.read_number();
  const bool known = outcome >= 0 && outcome <= static_cast<std::int64_t>(Outcome::Lost);
  ended.outcome = known ? static_cast<Outcome>(outcome) : Outcome::Unspecified;
  ended.http_status = from.read_as<std::uint32_t>();
  ended.error_type = from.read_text();
  ended.error_message = from.read_text();
  ended.duration = Micros(from.read_number());
  if (const auto ttft = from.read_optional()) ended.ttft = Micros(*ttft);
  ended.usage.input_tokens = from.read_as<std::uint64_t>();
  ended.usage.output_tokens = from.read_as<std::uint64_t>();
  ended.usage.cache_read_tokens = from.read_as<std::uint64_t>();
  ended.usage.cache_creation_tokens = from.read_as<std::uint64_t>();
  ended.usage.reasoning_tokens = from.read_as<std::uint64_t>();
  const auto estimated = from.read_number();
  ended.usage.input_estimated = (estimated & 1) != 0;
  ended.usage.output_estimated = (estimated & 2) != 0;
  ended.tool_call_count = from.read_as<std::uint32_t>();
  ended.finish_reason = from.read_text();
  ended.response_bytes = from.read_as<std::uint64_t>();
  ended.overhead = Micros(from.read_number());
  ended.attempts = attempts_of(from.read_text());
  set_answered_model(ended, from.read_text());
  ended.model_mismatch = from.read_number() != 0;
  return ended;
}

}  // namespace vdm::metrics
