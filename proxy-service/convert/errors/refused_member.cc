#include "proxy-service/convert/errors/refused_member.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <vector>

#include <boost/json/value.hpp>

#include "common/base/text.h"
#include "proxy-service/convert/errors/provider_error.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

void state(FactsRow& row, Trait trait, bool value) {
  row.stated_traits.set(trait);
  row.facts.traits.set(trait, value);
}

void without_reasoning(FactsRow& row) {
  row.has_reasoning = true;
  row.facts.reasoning = Reasoning::None;
}

/// What the provider says of a member.
struct Complaint {
  std::string_view message;  ///< in lower case
  const ModelFacts& facts;

  bool says(std::string_view words) const { return contains(message, words); }
};

using Lesson = void (*)(const Complaint& complaint, FactsRow& row);

template <Trait Taken>
void is_not_taken(const Complaint&, FactsRow& row) {
  state(row, Taken, false);
}

void effort_is_refused(const Complaint& complaint, FactsRow& row) {
  // "Function tools with reasoning_effort are not supported …"
  if (!complaint.says("tool")) return without_reasoning(row);
  state(row, Trait::TakesEffortWithTools, false);
  if (complaint.says("none")) state(row, Trait::WantsEffortOffWithTools, true);
}

void sampling_is_refused(const Complaint& complaint, FactsRow& row) {
  const bool both = complaint.says("temperature") && complaint.says("top_p");
  state(row, both ? Trait::TakesTemperatureWithTopP : Trait::TakesSampling, false);
}

/// A limit that is too large is no wrong member.
bool is_wrong_limit(const Complaint& complaint) {
  return complaint.says("max_completion_tokens") || complaint.says("unsupported") ||
         complaint.says("extra") || complaint.says("unknown");
}

template <TokenLimit Wanted>
void limit_is_refused(const Complaint& complaint, FactsRow& row) {
  if (!is_wrong_limit(complaint)) return;
  row.has_token_limit = true;
  row.facts.token_limit = Wanted;
}

void history_is_refused(const Complaint& complaint, FactsRow& row) {
  row.has_reasoning_history = true;
  const bool is_wanted =
      complaint.says("must be passed") || complaint.says("missing") || complaint.says("required");
  row.facts.reasoning_history = is_wanted ? ReasoningHistory::Content : ReasoningHistory::Omit;
}

void reasoning_is_refused(const Complaint&, FactsRow& row) { without_reasoning(row); }

struct Member {
  std::string_view name;
  Lesson learn;
  bool may_be_missing = false;  ///< the provider may ask for it in vain
};

constexpr std::array<Member, 21> Members{{
    {"stream_options", is_not_taken<Trait::TakesStreamOptions>},
    {"reasoning_effort", effort_is_refused, true},
    {"reasoning_content", history_is_refused, true},
    {"reasoning_details", history_is_refused},
    {"enable_thinking", reasoning_is_refused},
    {"chat_template_args", reasoning_is_refused},
    {"thinking", reasoning_is_refused},
    {"output_config", reasoning_is_refused},
    {"reasoning", reasoning_is_refused},
    {"temperature", sampling_is_refused},
    {"top_p", sampling_is_refused},
    {"top_k", sampling_is_refused},
    {"stop_sequences", is_not_taken<Trait::TakesStop>},
    {"stop", is_not_taken<Trait::TakesStop>},
    {"store", is_not_taken<Trait::TakesStore>},
    {"parallel_tool_calls", is_not_taken<Trait::TakesParallelToolCalls>},
    {"strict", is_not_taken<Trait::TakesStrict>},
    {"service_tier", is_not_taken<Trait::TakesServiceTier>},
    {"cache_control", is_not_taken<Trait::TakesCacheControl>},
    {"max_completion_tokens", limit_is_refused<TokenLimit::MaxTokens>},
    {"max_tokens", limit_is_refused<TokenLimit::MaxCompletionTokens>},
}};

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Whether the text has the word, with no letter, digit or underscore next to it.
bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool starts = at == 0 || !is_word_character(text[at - 1]);
    const bool ends = end == text.size() || !is_word_character(text[end]);
    if (starts && ends) return true;
  }
  return false;
}

/// Words by which a provider says that it is the member that it refuses.
bool complains(std::string_view message) {
  for (const std::string_view words :
       {"not support", "unsupported", "not permitted", "not allowed", "unknown", "unrecognized",
        "unexpected", "extra", "deprecated", "cannot", "can't", "must", "invalid", "cannot find",
        "missing", "required", "is only supported", "not available", "use '"}) {
    if (contains(message, words)) return true;
  }
  return false;
}

/// The last name in the places that FastAPI's `detail` lists, wherever it stands in the body.
void collect_places(const json::value& value, std::vector<std::string>& names, int depth = 0) {
  constexpr int DepthMax = 6;
  constexpr std::size_t NamesMax = 16;
  if (depth > DepthMax || names.size() >= NamesMax) return;
  if (const json::array* list = value.if_array()) {
    for (const json::value& each : *list) collect_places(each, names, depth + 1);
  } else if (const json::object* object = value.if_object()) {
    if (const json::array* loc = find_array(*object, "loc"); loc != nullptr && !loc->empty()) {
      for (const json::value& part : *loc) {
        if (part.is_string()) names.emplace_back(part.get_string());
      }
    }
    for (const auto& member : *object) collect_places(member.value(), names, depth + 1);
  }
}

bool is_in(std::string_view request, std::string_view member) {
  return contains(request, "\"" + std::string(member) + "\"");
}

bool changes(const FactsRow& row, const ModelFacts& facts) {
  ModelFacts after = facts;
  row.apply_to(after, FactsRow::Part::Abilities);
  return !(after == facts);
}

}  // namespace

std::optional<RefusedMember> refused_member(std::string_view body, std::string_view request,
                                            const ModelFacts& facts) {
  const ProviderError error = read_provider_error(400, body);
  const std::string message = lower(error.message);
  std::vector<std::string> places{error.param};
  if (const auto parsed = parse_body(body)) collect_places(*parsed, places);
  const bool has_places = places.size() > 1;
  if (!has_places && !complains(message)) return std::nullopt;

  const auto learn = [&](const Member& member) -> std::optional<RefusedMember> {
    if (!member.may_be_missing && !is_in(request, member.name)) return std::nullopt;
    RefusedMember refused{.member = std::string(member.name)};
    member.learn({message, facts}, refused.instead);
    if (!changes(refused.instead, facts)) return std::nullopt;
    return refused;
  };
  // A member that the provider names as such comes before one that stands in its sentence.
  for (const Member& member : Members) {
    if (std::ranges::find(places, member.name) == places.end()) continue;
    if (auto refused = learn(member)) return refused;
  }
  for (const Member& member : Members) {
    if (!has_word(message, member.name)) continue;
    if (auto refused = learn(member)) return refused;
  }
  return std::nullopt;
}

}  // namespace vdm::proxy
