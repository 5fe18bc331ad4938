#include "proxy-service/convert/messages_to_chat/thinking.h"

#include <string_view>

#include <boost/json/object.hpp>

#include "proxy-service/convert/effort.h"
#include "proxy-service/convert/json/field.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

/// What the client asks for.
struct Wish {
  bool off = false;           ///< not to think
  std::string_view effort{};  ///< empty, and not off: it asks for nothing
};

Wish wish_of(const json::object& request) {
  const json::object* thinking = find_object(request, "thinking");
  if (thinking != nullptr && find_text(*thinking, "type") == "disabled") return {.off = true};
  if (const json::object* config = find_object(request, "output_config")) {
    if (const auto effort = find_text(*config, "effort"); !effort.empty())
      return {.effort = effort};
  }
  const json::value* budget = thinking == nullptr ? nullptr : find(*thinking, "budget_tokens");
  if (budget != nullptr && budget->is_int64()) {
    return {.effort = effort_of_budget(budget->get_int64())};
  }
  return {};
}

void put_switch(const ModelFacts& facts, bool on, json::object& out) {
  switch (facts.reasoning_request) {
    case ReasoningRequest::ReasoningEffort:
      return;
    case ReasoningRequest::Reasoning:
    case ReasoningRequest::ReasoningEnabled:
      out.emplace("reasoning", json::object{{"enabled", on}});
      return;
    case ReasoningRequest::EnableThinking:
      out.emplace("enable_thinking", on);
      return;
    case ReasoningRequest::Thinking:
      out.emplace("thinking", json::object{{"type", on ? "enabled" : "disabled"}});
      return;
    case ReasoningRequest::TemplateArgs:
      out.emplace("chat_template_args", json::object{{"enable_thinking", on}});
      return;
  }
}

void put_effort(const ModelFacts& facts, std::string_view word, json::object& out) {
  if (facts.reasoning_request == ReasoningRequest::Reasoning) {
    out.emplace("reasoning", json::object{{"effort", word}});
    return;
  }
  put_switch(facts, true, out);
  out.emplace("reasoning_effort", word);
}

}  // namespace

void put_thinking(const json::object& request, const RequestOptions& options, json::object& out) {
  const ModelFacts& facts = options.facts;
  const bool has_tools = out.contains("tools");
  if (has_tools && !facts.has(Trait::TakesEffortWithTools)) {
    // Some of these models refuse tools unless thinking is switched off in so many words.
    const bool must_be_off = facts.has(Trait::WantsEffortOffWithTools);
    if (must_be_off && !facts.effort_off.empty()) out.emplace("reasoning_effort", facts.effort_off);
    return;
  }
  const Wish wish = wish_of(request);
  if (wish.off) {
    const bool by_word = facts.reasoning == Reasoning::Effort && !facts.effort_off.empty();
    if (by_word) return put_effort(facts, facts.effort_off, out);
    if (facts.reasoning != Reasoning::None) put_switch(facts, false, out);
    return;
  }
  if (wish.effort.empty() || facts.reasoning == Reasoning::None) return;
  const std::string_view word = accepted_effort(wish.effort, facts.efforts);
  if (facts.reasoning == Reasoning::Switch || word.empty()) return put_switch(facts, true, out);
  put_effort(facts, word, out);
}

}  // namespace vdm::proxy
