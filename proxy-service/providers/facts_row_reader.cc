#include "proxy-service/providers/facts_row_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

namespace vdm::proxy {
namespace {

namespace json = boost::json;

template <class Value>
using Words = std::initializer_list<std::pair<std::string_view, Value>>;

constexpr std::int64_t CountMax = 1'000'000'000'000;

constexpr std::array<std::pair<std::string_view, Effort>, 6> EffortNames{
    {{"minimal", Effort::Minimal},
     {"low", Effort::Low},
     {"medium", Effort::Medium},
     {"high", Effort::High},
     {"xhigh", Effort::Xhigh},
     {"max", Effort::Max}}};

bool is_header_name(std::string_view text) {
  constexpr std::string_view Allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !text.empty() && text.find_first_not_of(Allowed) == text.npos;
}

class RowReader {
 public:
  RowReader(const std::string& path, std::vector<std::string>& faults)
      : path_(path), faults_(faults) {}

  FactsRow read(const json::object& object) {
    for (const auto& [key, value] : object) read_member(key, value);
    return std::move(row_);
  }

 private:
  void read_member(std::string_view key, const json::value& value) {
    ModelFacts& facts = row_.facts;
    if (key == "context_tokens") return read_count(key, value, facts.context_tokens);
    if (key == "output_tokens_max") return read_count(key, value, facts.output_tokens_max);
    if (key == "request_bytes_max") return read_count(key, value, facts.request_bytes_max);
    if (key == "input") return read_input(value);
    if (key == "usd_per_million") return read_prices(value);
    if (key == "cache_ttl_seconds") return read_cache_ttl(value);
    if (key == "efforts") return read_efforts(value);
    if (key == "takes" || key == "wants") return read_traits(key, value);
    if (key == "prefers") {
      bool stated = false;
      facts.prefers.emplace();
      return read_word<DoorDialect>(key, value,
                                    {{"messages", DoorDialect::Messages},
                                     {"chat", DoorDialect::Chat},
                                     {"responses", DoorDialect::Responses}},
                                    *facts.prefers, stated);
    }
    if (key == "reasoning") {
      return read_word<Reasoning>(key, value,
                                  {{"none", Reasoning::None},
                                   {"switch", Reasoning::Switch},
                                   {"effort", Reasoning::Effort},
                                   {"budget", Reasoning::Budget},
                                   {"adaptive", Reasoning::Adaptive}},
                                  facts.reasoning, row_.has_reasoning);
    }
    if (key == "reasoning_request") {
      return read_word<ReasoningRequest>(key, value,
                                         {{"reasoning_effort", ReasoningRequest::ReasoningEffort},
                                          {"reasoning", ReasoningRequest::Reasoning},
                                          {"reasoning_enabled", ReasoningRequest::ReasoningEnabled},
                                          {"enable_thinking", ReasoningRequest::EnableThinking},
                                          {"thinking", ReasoningRequest::Thinking},
                                          {"chat_template_args", ReasoningRequest::TemplateArgs}},
                                         facts.reasoning_request, row_.has_reasoning_request);
    }
    if (key == "source") return;  // for people
    faults_.push_back(path_ + "." + std::string(key) + ": no such fact");
  }

  void fault(std::string_view key, std::string_view expected, const json::value& got) {
    faults_.push_back(facts_fault(path_ + "." + std::string(key), expected, got));
  }

  std::optional<std::int64_t> count(std::string_view key, const json::value& value) {
    boost::system::error_code error;
    const auto number = value.to_number<std::int64_t>(error);
    if (!error && number >= 1 && number <= CountMax) return number;
    fault(key, "a whole number of at least 1", value);
    return std::nullopt;
  }

  void read_count(std::string_view key, const json::value& value, std::optional<std::int64_t>& to) {
    to = count(key, value);
  }

  template <class Value>
  void read_word(std::string_view key, const json::value& value, Words<Value> words, Value& to,
                 bool& stated) {
    std::string expected;
    for (const auto& [word, meaning] : words) {
      if (value.is_string() && value.get_string() == word) {
        to = meaning;
        stated = true;
        return;
      }
      expected.append(expected.empty() ? "one of " : ", ").append(word);
    }
    fault(key, expected, value);
  }

  void read_input(const json::value& value) {
    const json::array* kinds = value.if_array();
    if (kinds == nullptr) return fault("input", "a list of kinds", value);
    row_.has_input = true;
    for (const json::value& kind : *kinds) {
      const json::string* word = kind.if_string();
      const bool is_kind =
          word && (*word == "text" || *word == "image" || *word == "audio" || *word == "document");
      if (!is_kind) return fault("input", "text, image, audio or document", kind);
      row_.facts.input.emplace_back(*word);
    }
  }

  void read_cache_ttl(const json::value& value) {
    const json::array* seconds = value.if_array();
    if (seconds == nullptr) return fault("cache_ttl_seconds", "a list of seconds", value);
    row_.has_cache_ttl = true;
    for (const json::value& each : *seconds) {
      if (const auto number = count("cache_ttl_seconds", each)) {
        row_.facts.cache_ttl_seconds.push_back(*number);
      }
    }
  }

  /// Prices beside `own`, the one other member that this object has.
  Prices prices(const json::object& object, const std::string& at, std::string_view own) {
    Prices read;
    for (const auto& [key, value] : object) {
      std::optional<double>* to = nullptr;
      if (key == "input") to = &read.input;
      if (key == "output") to = &read.output;
      if (key == "cache_read") to = &read.cache_read;
      if (key == "cache_write") to = &read.cache_write;
      const std::string place = at + "." + std::string(key);
      if (to == nullptr) {
        if (key != own) faults_.push_back(path_ + "." + place + ": no such price");
        continue;
      }
      if (value.is_null()) continue;  // not stated
      boost::system::error_code error;
      const auto number = value.to_number<double>(error);
      if (!error && std::isfinite(number) && number >= 0) {
        *to = number;
      } else {
        fault(place, "US dollars per million tokens", value);
      }
    }
    return read;
  }

  void read_prices(const json::value& value) {
    constexpr std::string_view Key = "usd_per_million";
    const json::object* object = value.if_object();
    if (object == nullptr) return fault(Key, "an object", value);
    row_.has_prices = true;
    row_.facts.prices = prices(*object, std::string(Key), "above");
    const json::value* above = object->if_contains("above");
    if (above == nullptr) return;
    const json::array* tiers = above->if_array();
    if (tiers == nullptr) return fault("usd_per_million.above", "a list", *above);
    for (const json::value& each : *tiers) {
      const json::object* tier = each.if_object();
      const json::value* from = tier ? tier->if_contains("input_tokens") : nullptr;
      if (from == nullptr) {
        return fault("usd_per_million.above", "objects with input_tokens", each);
      }
      const auto tokens = count("usd_per_million.above.input_tokens", *from);
      if (!tokens) return;
      row_.facts.price_tiers.push_back(
          {*tokens, prices(*tier, "usd_per_million.above", "input_tokens")});
    }
  }

  void read_efforts(const json::value& value) {
    const json::object* object = value.if_object();
    if (object == nullptr) return fault("efforts", "an object of words", value);
    row_.has_efforts = true;
    row_.facts.efforts.clear();
    for (const auto& [name, effort] : EffortNames) {
      const json::value* word = object->if_contains(name);
      if (word == nullptr || word->is_null()) continue;
      if (!word->is_string()) return fault("efforts." + std::string(name), "a word", *word);
      row_.facts.efforts.push_back({effort, std::string(word->get_string())});
    }
    for (const auto& [key, word] : *object) {
      if (key == "off" && word.is_string()) row_.facts.effort_off = word.get_string();
      const auto known = [&](const auto& pair) { return pair.first == std::string_view(key); };
      const bool is_name = std::ranges::any_of(EffortNames, known);
      if (!is_name && key != "off") {
        faults_.push_back(path_ + ".efforts." + std::string(key) + ": no such effort");
      }
    }
  }

  void read_traits(std::string_view group, const json::value& value) {
    const json::object* object = value.if_object();
    if (object == nullptr) return fault(group, "an object", value);
    for (const auto& [word, stated] : *object) {
      const std::string key = std::string(group) + "." + std::string(word);
      if (const auto trait = find_trait(group, word)) {
        if (!stated.is_bool()) {
          fault(key, "true or false", stated);
          continue;
        }
        row_.stated_traits.set(*trait);
        row_.facts.traits.set(*trait, stated.get_bool());
      } else if (group != "wants" || !read_want(key, word, stated)) {
        faults_.push_back(path_ + "." + key + ": no such fact");
      }
    }
  }

  /// The wants that are more than a yes or a no.
  bool read_want(const std::string& key, std::string_view word, const json::value& value) {
    ModelFacts& facts = row_.facts;
    if (word == "token_limit") {
      read_word<TokenLimit>(key, value,
                            {{"max_tokens", TokenLimit::MaxTokens},
                             {"max_completion_tokens", TokenLimit::MaxCompletionTokens}},
                            facts.token_limit, row_.has_token_limit);
    } else if (word == "reasoning_history") {
      read_word<ReasoningHistory>(key, value,
                                  {{"omit", ReasoningHistory::Omit},
                                   {"content", ReasoningHistory::Content},
                                   {"details", ReasoningHistory::Details}},
                                  facts.reasoning_history, row_.has_reasoning_history);
    } else if (word == "call_ids") {
      read_word<CallIds>(
          key, value, {{"any", CallIds::Any}, {"nine_alphanumerics", CallIds::NineAlphanumerics}},
          facts.call_ids, row_.has_call_ids);
    } else if (word == "session_header") {
      row_.has_session_header = value.is_string() && is_header_name(value.get_string());
      if (row_.has_session_header) facts.session_header = value.get_string();
      if (!row_.has_session_header) fault(key, "a header's name in lower case", value);
    } else {
      return false;
    }
    return true;
  }

  const std::string& path_;
  std::vector<std::string>& faults_;
  FactsRow row_;
};

}  // namespace

std::string facts_fault(const std::string& path, std::string_view expected,
                        const json::value& got) {
  constexpr std::size_t ShownMax = 80;
  std::string shown = json::serialize(got);
  if (shown.size() > ShownMax) shown.resize(ShownMax);
  return path + ": expected " + std::string(expected) + ", got " + shown;
}

FactsRow read_facts_row(const json::value& value, const std::string& path,
                        std::vector<std::string>& faults) {
  const json::object* object = value.if_object();
  if (object == nullptr) {
    faults.push_back(facts_fault(path, "an object of facts", value));
    return {};
  }
  return RowReader(path, faults).read(*object);
}

}  // namespace vdm::proxy
