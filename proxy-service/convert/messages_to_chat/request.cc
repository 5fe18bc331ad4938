#include "proxy-service/convert/messages_to_chat/request.h"

#include <string>

#include "common/base/digest.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/schema.h"
#include "proxy-service/convert/messages_to_chat/messages.h"
#include "proxy-service/convert/messages_to_chat/thinking.h"
#include "proxy-service/convert/messages_to_chat/tools.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

Result<void> put_limits(const json::object& request, const RequestOptions& options,
                        json::object& out) {
  const json::value* limit = find(request, "max_tokens");
  if (limit == nullptr || !limit->is_int64()) {
    return FieldPath("max_tokens").error("expected an integer");
  }
  const bool is_classic = options.facts.token_limit == TokenLimit::MaxTokens;
  out.emplace(is_classic ? "max_tokens" : "max_completion_tokens",
              within_output_limit(limit->get_int64(), options.facts));
  if (const json::array* stops = find_array(request, "stop_sequences");
      stops != nullptr && !stops->empty() && options.facts.has(Trait::TakesStop)) {
    out.emplace("stop", *stops);
  }
  if (options.facts.has(Trait::TakesSampling)) {
    copy_member(request, "temperature", out, "temperature");
    copy_member(request, "top_p", out, "top_p");
  }
  return {};
}

void put_stream(const json::object& request, const RequestOptions& options, json::object& out) {
  if (!find_true(request, "stream")) return;
  out.emplace("stream", true);
  if (options.facts.has(Trait::WantsToolStream) && out.contains("tools")) {
    out.emplace("tool_stream", true);
  }
  // Without it an OpenAI stream reports no tokens, which an Anthropic stream must report. A
  // provider that does not take the member reports them unasked.
  if (!options.facts.has(Trait::TakesStreamOptions)) return;
  out.emplace("stream_options", json::object{{"include_usage", true}});
}

/// The output format: output_config.format, or output_format as in the beta.
const json::object* output_format(const json::object& request) {
  if (const json::object* config = find_object(request, "output_config")) {
    if (const json::object* format = find_object(*config, "format")) return format;
  }
  return find_object(request, "output_format");
}

void put_response_format(const json::object& request, const RequestOptions& options,
                         json::object& out) {
  const json::object* format = output_format(request);
  const json::value* schema = format == nullptr ? nullptr : find(*format, "schema");
  if (schema == nullptr) return;
  json::object named;
  named.emplace("name", "output");  // OpenAI requires a name; no one sees it
  named.emplace("schema", *schema);
  // A schema that leaves a property optional is refused when it is called strict.
  if (options.facts.has(Trait::TakesStrict)) named.emplace("strict", is_strict_schema(*schema));
  json::object written;
  written.emplace("type", "json_schema");
  written.emplace("json_schema", std::move(named));
  out.emplace("response_format", std::move(written));
}

/// OpenAI accepts at most 64 characters, and Claude Code sends more. A hash replaces a longer id: a
/// provider only needs the same value for the same user.
void put_user(const json::object& request, const RequestOptions& options, json::object& out) {
  constexpr std::size_t LengthMax = 64;
  const json::object* metadata = find_object(request, "metadata");
  const std::string_view user =
      metadata == nullptr ? std::string_view() : find_text(*metadata, "user_id");
  if (user.empty() || !options.facts.has(Trait::TakesUser)) return;
  if (user.size() <= LengthMax) {
    out.emplace("user", user);
  } else {
    out.emplace("user", hex_prefix(sha256(user), LengthMax));
  }
}

void put_chat_tier(const json::object& request, const RequestOptions& options, json::object& out) {
  if (!options.facts.has(Trait::TakesServiceTier)) return;
  const std::string_view tier = find_text(request, "service_tier");
  if (tier == "auto") out.emplace("service_tier", "auto");
  if (tier == "standard_only") out.emplace("service_tier", "default");
}

}  // namespace

Result<json::object> request_messages_to_chat(const json::object& request,
                                              const RequestOptions& options, ToolNames& names) {
  // The tools come before the messages, so that ToolNames sees the declared names first and changes
  // those least.
  json::object tools;
  if (const auto put = put_openai_tools(request, options, names, tools); !put) return put.error();
  auto messages = openai_messages(request, options, names);
  if (!messages) return messages.error();

  json::object out;
  out.emplace("model", options.model);
  out.emplace("messages", std::move(*messages));
  if (const auto put = put_limits(request, options, out); !put) return put.error();
  for (json::key_value_pair& member : tools) out.emplace(member.key(), std::move(member.value()));
  put_stream(request, options, out);
  put_response_format(request, options, out);
  put_thinking(request, options, out);
  put_user(request, options, out);
  put_chat_tier(request, options, out);
  return out;
}

}  // namespace vdm::proxy
