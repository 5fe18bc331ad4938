#include "tests/proxy-service/completion/dialect_pairs.h"

#include <algorithm>
#include <regex>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr std::string_view AnthropicBegin =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}})"
    "\n\n"
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}})"
    "\n\n";
constexpr std::string_view AnthropicRest =
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" there"}})"
    "\n\n"
    "event: content_block_stop\n"
    R"(data: {"type":"content_block_stop","index":0})"
    "\n\n"
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"look","input":{}}})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"at\":"}})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"7}"}})"
    "\n\n"
    "event: content_block_stop\n"
    R"(data: {"type":"content_block_stop","index":1})"
    "\n\n"
    "event: message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}})"
    "\n\n"
    "event: message_stop\n"
    R"(data: {"type":"message_stop"})"
    "\n\n";
constexpr std::string_view AnthropicWhole =
    R"({"id":"m","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":"Hello there"},{"type":"tool_use","id":"toolu_1","name":"look","input":{"at":7}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":5}})";

constexpr std::string_view OpenAiBegin =
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]})"
    "\n\n";
constexpr std::string_view OpenAiRest =
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"content":" there"},"finish_reason":null}]})"
    "\n\n"
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"at\":"}}]},"finish_reason":null}]})"
    "\n\n"
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"7}"}}]},"finish_reason":null}]})"
    "\n\n"
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})"
    "\n\n"
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}})"
    "\n\n"
    "data: [DONE]\n\n";
constexpr std::string_view OpenAiWhole =
    R"({"id":"c","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hello there","tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"at\":7}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}})";

std::string_view word_of(Dialect dialect) {
  return dialect == Dialect::Anthropic ? "Anthropic" : "OpenAi";
}

std::vector<Pair> pairs(bool all) {
  constexpr std::array Dialects{Dialect::Anthropic, Dialect::OpenAi};
  std::vector<Pair> found;
  for (const Dialect client : Dialects) {
    for (const Dialect upstream : Dialects) {
      for (const Shape shape : {Shape::Whole, Shape::Stream}) {
        const Pair pair{client, upstream, shape};
        if (all || pair.converts()) found.push_back(pair);
      }
    }
  }
  return found;
}

/// A member of an object of objects, "" or 0 where there is none.
const json::value* at(const json::value& from, std::string_view pointer) {
  boost::system::error_code none;
  return from.find_pointer(pointer, none);
}
std::string text_at(const json::value& from, std::string_view pointer) {
  const json::value* found = at(from, pointer);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}
void number_at(const json::value& from, std::string_view pointer, std::int64_t& into) {
  const json::value* found = at(from, pointer);
  if (found != nullptr && found->is_int64()) into = found->get_int64();
}
void set_text(const json::value& from, std::string_view pointer, std::string& into) {
  if (std::string found = text_at(from, pointer); !found.empty()) into = std::move(found);
}

json::value parsed(std::string_view text) {
  boost::system::error_code fault;
  json::value value = json::parse(text, fault);
  return fault ? json::value(nullptr) : value;
}

void add_anthropic(const json::value& event, Said& said) {
  said.text += text_at(event, "/delta/text");
  said.arguments += text_at(event, "/delta/partial_json");
  set_text(event, "/content_block/name", said.tool);
  set_text(event, "/delta/stop_reason", said.reason);
  number_at(event, "/message/usage/input_tokens", said.input);
  number_at(event, "/usage/input_tokens", said.input);
  number_at(event, "/usage/output_tokens", said.output);
}

void add_openai(const json::value& chunk, Said& said) {
  said.text += text_at(chunk, "/choices/0/delta/content");
  said.arguments += text_at(chunk, "/choices/0/delta/tool_calls/0/function/arguments");
  set_text(chunk, "/choices/0/delta/tool_calls/0/function/name", said.tool);
  set_text(chunk, "/choices/0/finish_reason", said.reason);
  number_at(chunk, "/usage/prompt_tokens", said.input);
  number_at(chunk, "/usage/completion_tokens", said.output);
}

Said reported_in_whole(Dialect client, const json::value& body) {
  Said said;
  if (client == Dialect::Anthropic) {
    said.text = text_at(body, "/content/0/text");
    said.tool = text_at(body, "/content/1/name");
    if (const auto* input = at(body, "/content/1/input")) said.arguments = json::serialize(*input);
    said.reason = text_at(body, "/stop_reason");
    number_at(body, "/usage/input_tokens", said.input);
    number_at(body, "/usage/output_tokens", said.output);
    return said;
  }
  said.text = text_at(body, "/choices/0/message/content");
  said.tool = text_at(body, "/choices/0/message/tool_calls/0/function/name");
  said.arguments = text_at(body, "/choices/0/message/tool_calls/0/function/arguments");
  said.reason = text_at(body, "/choices/0/finish_reason");
  number_at(body, "/usage/prompt_tokens", said.input);
  number_at(body, "/usage/completion_tokens", said.output);
  return said;
}

}  // namespace

std::string name_of(const Pair& pair) {
  std::string name(word_of(pair.client));
  name.append("From").append(word_of(pair.upstream));
  return name.append(pair.streams() ? "Stream" : "Whole");
}

std::vector<Pair> all_pairs() { return pairs(true); }
std::vector<Pair> converting_pairs() { return pairs(false); }

std::string ask(const Pair& pair) {
  return ask(pair, pair.upstream == Dialect::Anthropic ? "anth:x" : "open:x");
}

std::string ask(const Pair& pair, std::string_view model) {
  const bool anthropic = pair.client == Dialect::Anthropic;
  std::string body = R"({"model":")";
  body.append(model).append(R"(","max_tokens":16,)");
  if (pair.streams()) body.append(R"("stream":true,)");
  if (pair.streams() && !anthropic) body.append(R"("stream_options":{"include_usage":true},)");
  body.append(R"("messages":[{"role":"user","content":"hello"}]})");
  return post(anthropic ? "/v1/messages" : "/v1/chat/completions", body);
}

std::string good_answer(Dialect upstream) {
  return std::string(upstream == Dialect::Anthropic ? AnthropicWhole : OpenAiWhole);
}

std::string stream_begin(Dialect upstream) {
  return std::string(upstream == Dialect::Anthropic ? AnthropicBegin : OpenAiBegin);
}

std::string good_stream(Dialect upstream) {
  return stream_begin(upstream).append(upstream == Dialect::Anthropic ? AnthropicRest : OpenAiRest);
}

std::string good(Dialect upstream, Shape shape) {
  if (shape == Shape::Whole) return fakes::whole_answer(200, good_answer(upstream));
  return fakes::stream_head() + fakes::chunk(good_stream(upstream)) + std::string(http1::LastChunk);
}

std::string error_said(Dialect upstream, std::string_view type, std::string_view message) {
  std::string said = upstream == Dialect::Anthropic ? R"({"type":"error","error":{"type":")"
                                                    : R"({"error":{"type":")";
  return said.append(type).append(R"(","message":")").append(message).append("\"}}");
}

std::string error_event_said(Dialect upstream, std::string_view type, std::string_view message) {
  return (upstream == Dialect::Anthropic ? "event: error\ndata: " : "data: ") +
         error_said(upstream, type, message) + "\n\n";
}

std::vector<ClientEvent> events_of(std::string_view stream) {
  std::vector<ClientEvent> events;
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find("\n\n"), stream.size());
    ClientEvent event;
    std::string_view lines = stream.substr(0, end);
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find('\n'));
      if (line.starts_with("event: ")) event.name = line.substr(7);
      if (line.starts_with("data: ")) event.data = line.substr(6);
      lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    }
    if (!event.data.empty()) events.push_back(std::move(event));
    stream.remove_prefix(std::min(end + 2, stream.size()));
  }
  return events;
}

std::string error_type_in(Dialect client, std::string_view body) {
  const json::value value = parsed(body);
  const bool anthropic = text_at(value, "/type") == "error";
  if (anthropic != (client == Dialect::Anthropic)) return "";
  return text_at(value, "/error/message").empty() ? "" : text_at(value, "/error/type");
}

std::size_t errors_in(Dialect client, std::string_view stream) {
  const auto events = events_of(stream);
  return static_cast<std::size_t>(std::ranges::count_if(
      events, [=](const ClientEvent& each) { return !error_type_in(client, each.data).empty(); }));
}

bool is_sound(std::string_view stream) {
  const auto events = events_of(stream);
  return std::ranges::all_of(events, [](const ClientEvent& each) {
    return each.data == "[DONE]" || parsed(each.data).is_object();
  });
}

bool says_end(Dialect client, std::string_view stream) {
  const auto events = events_of(stream);
  return std::ranges::any_of(events, [=](const ClientEvent& each) {
    return client == Dialect::Anthropic ? each.name == "message_stop" : each.data == "[DONE]";
  });
}

bool ends_well(Dialect client, std::string_view stream) {
  const auto events = events_of(stream);
  if (events.empty() || errors_in(client, stream) > 0) return false;
  return client == Dialect::Anthropic ? events.back().name == "message_stop"
                                      : events.back().data == "[DONE]";
}

Said reported_in(const Pair& pair, std::string_view body) {
  if (!pair.streams()) return reported_in_whole(pair.client, parsed(body));
  Said said;
  for (const ClientEvent& event : events_of(body)) {
    const json::value value = parsed(event.data);
    pair.client == Dialect::Anthropic ? add_anthropic(value, said) : add_openai(value, said);
  }
  return said;
}

std::string without_ids(std::string body) {
  static const std::regex Ids(R"((msg|chatcmpl|req|toolu)_?-?[0-9a-f_]{32,})");
  static const std::regex Created(R"("created":[0-9]+)");
  return std::regex_replace(std::regex_replace(body, Ids, "$1"), Created, R"("created":0)");
}

}  // namespace vdm::proxy
