#include "metrics-service/cli/gateway/trial.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "common/base/sse.h"
#include "metrics-service/cli/gateway/gateway_facts.h"
#include "metrics-service/cli/table.h"

namespace vdm::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t EventBytesMax = 1024 * 1024;
constexpr std::string_view Question = "Answer with the one word OK.";

std::string variable(std::string_view provider, std::string_view suffix) {
  std::string name(provider);
  for (char& c : name) {
    c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name.append(suffix);
}

std::string advice(const Trial& trial, unsigned status) {
  switch (status) {
    case 400:
    case 404:
    case 422:
      return "is the model right? vdm models --provider " + trial.provider + " lists them";
    case 401:
    case 403:
      return "check " + variable(trial.provider, "_API_KEY") +
             ", and PROXY_API_KEY if the proxy has one";
    case 429:
      return "too many requests, or nothing left to spend there; try later, or another model";
    case 502:
    case 504:
      return "check " + variable(trial.provider, "_BASE_URL") + " and the network from here";
    case 503:
    case 529:
      return "it is busy; try again";
    default:
      return "the proxy's log may say more";
  }
}

std::string member(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// What the events of an answer told, in either dialect.
struct Told {
  std::string model;
  std::string fault;
  bool whole = false;
};

void take(Told& told, const SseEvent& event) {
  if (event.data == "[DONE]") {
    told.whole = true;
    return;
  }
  boost::system::error_code malformed;
  const json::value parsed =
      json::parse(json::string_view(event.data.data(), event.data.size()), malformed);
  if (malformed || !parsed.is_object()) return;
  const json::object& data = parsed.get_object();
  if (data.contains("error")) told.fault = error_message(event.data);
  if (member(data, "type") == "message_stop") told.whole = true;
  const json::value* message = data.if_contains("message");
  const json::object& holder = message && message->is_object() ? message->get_object() : data;
  if (told.model.empty()) told.model = printable(member(holder, "model"));
}

}  // namespace

HttpCall trial_call(const Trial& trial, const Secret& key) {
  constexpr std::chrono::seconds Patience(60);
  json::object body{{"model", trial.provider + ":" + trial.model},
                    {"stream", true},
                    {"messages", {{{"role", "user"}, {"content", Question.data()}}}}};
  // Anthropic's dialect demands a limit; in OpenAI's, models disagree about what it is called.
  if (trial.anthropic) body["max_tokens"] = 16;
  return {.method = "POST",
          .target = trial.anthropic ? "/v1/messages" : "/v1/chat/completions",
          .body = json::serialize(body),
          .key = key,
          .patience = Patience};
}

TrialResult trial_result(const Trial& trial, const HttpAnswer& answer) {
  TrialResult result;
  if (answer.status != 200) {
    const std::string said = error_message(answer.body);
    result.fault = "HTTP " + std::to_string(answer.status) + (said.empty() ? "" : ": " + said);
    result.advice = advice(trial, answer.status);
    return result;
  }
  Told told;
  SseSplitter splitter(EventBytesMax);
  std::vector<SseEvent> events;
  if (const auto split = splitter.push(answer.body, events); !split) told.fault = "no event stream";
  for (const SseEvent& event : events) take(told, event);
  if (told.fault.empty() && !told.whole) told.fault = "the answer broke off";
  result.works = told.fault.empty();
  result.model = std::move(told.model);
  result.fault = std::move(told.fault);
  if (!result.works) result.advice = "try again; the proxy's log may say more";
  return result;
}

}  // namespace vdm::cli
