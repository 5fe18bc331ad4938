#include "metrics-service/cli/gateway/trial.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "common/base/sse.h"
#include "metrics-service/cli/gateway/gateway_facts.h"
#include "metrics-service/cli/terminal/table.h"

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

/// What the events of an answer in either dialect add up to.
struct Reading {
  std::string model;
  std::string error;
  bool whole = false;
};

void take(Reading& reading, const SseEvent& event) {
  if (event.data == "[DONE]") {
    reading.whole = true;
    return;
  }
  boost::system::error_code malformed;
  const json::value parsed =
      json::parse(json::string_view(event.data.data(), event.data.size()), malformed);
  if (malformed || !parsed.is_object()) return;
  const json::object& data = parsed.get_object();
  if (data.contains("error")) reading.error = error_message(event.data);
  if (member(data, "type") == "message_stop") reading.whole = true;
  const json::value* message = data.if_contains("message");
  const json::object& holder = message && message->is_object() ? message->get_object() : data;
  if (reading.model.empty()) reading.model = printable(member(holder, "model"));
}

}  // namespace

HttpCall trial_call(const Trial& trial, const Secret& key) {
  constexpr std::chrono::seconds AnswerTimeMax(60);
  json::object body{{"model", trial.provider + ":" + trial.model},
                    {"stream", true},
                    {"messages", {{{"role", "user"}, {"content", Question.data()}}}}};
  // The Anthropic dialect requires a token limit; OpenAI models differ in what they call it.
  if (trial.anthropic) body["max_tokens"] = 16;
  return {.method = "POST",
          .target = trial.anthropic ? "/v1/messages" : "/v1/chat/completions",
          .body = json::serialize(body),
          .key = key,
          .timeout = AnswerTimeMax};
}

TrialResult trial_result(const Trial& trial, const HttpAnswer& answer) {
  TrialResult result;
  if (answer.status != 200) {
    const std::string message = error_message(answer.body);
    result.error =
        "HTTP " + std::to_string(answer.status) + (message.empty() ? "" : ": " + message);
    result.advice = advice(trial, answer.status);
    return result;
  }
  Reading reading;
  SseSplitter splitter(EventBytesMax);
  std::vector<SseEvent> events;
  if (const auto split = splitter.push(answer.body, events); !split)
    reading.error = "no event stream";
  for (const SseEvent& event : events) take(reading, event);
  if (reading.error.empty() && !reading.whole) reading.error = "the answer broke off";
  result.works = reading.error.empty();
  result.model = std::move(reading.model);
  result.error = std::move(reading.error);
  if (!result.works) result.advice = "try again; the proxy's log may say more";
  return result;
}

}  // namespace vdm::cli
