#include "metrics-service/cli/gateway/model_rows.h"

#include <algorithm>

#include <absl/time/time.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "metrics-service/cli/terminal/control.h"

namespace vdm::cli {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// The OpenAI dialect gives seconds since 1970, Anthropic's an RFC 3339 time.
std::string created(const json::object& model) {
  constexpr std::size_t DateLength = 10;
  const json::value* seconds = model.if_contains("created");
  if (seconds && seconds->is_int64() && seconds->get_int64() > 0) {
    return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(seconds->get_int64()),
                            absl::UTCTimeZone());
  }
  return text_of(model, "created_at").substr(0, DateLength);
}

bool has_one_of(std::string_view id, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return id.find(word) != id.npos; });
}

}  // namespace

Result<std::vector<ModelRow>> model_rows(std::string_view body) {
  boost::system::error_code malformed;
  const json::value parsed = json::parse(json::string_view(body.data(), body.size()), malformed);
  const json::value* data =
      !malformed && parsed.is_object() ? parsed.get_object().if_contains("data") : nullptr;
  if (!data || !data->is_array()) {
    return Error{ErrorKind::UpstreamRejected, "the list of models is not what was expected"};
  }
  std::vector<ModelRow> rows;
  for (const json::value& value : data->get_array()) {
    if (!value.is_object()) continue;
    const json::object& model = value.get_object();
    rows.push_back({text_of(model, "id"), text_of(model, "owned_by"), created(model)});
  }
  return rows;
}

std::string model_json(std::string_view body) {
  boost::system::error_code malformed;
  const json::value parsed = json::parse(json::string_view(body.data(), body.size()), malformed);
  return harmless_json(malformed ? "null" : json::serialize(parsed));
}

std::string small_model(const std::vector<ModelRow>& rows) {
  const auto chats = [](const ModelRow& row) {
    return !row.id.empty() &&
           !has_one_of(row.id, {"embed", "tts", "whisper", "image", "audio", "realtime",
                                "moderation", "dall-e", "sora", "transcribe", "rerank"});
  };
  const auto is_small = [&](const ModelRow& row) {
    return chats(row) && has_one_of(row.id, {"haiku", "mini", "nano", "flash", "small", "lite",
                                             "fast", "8b", "7b"});
  };
  for (const auto& fits :
       {std::ranges::find_if(rows, is_small), std::ranges::find_if(rows, chats)}) {
    if (fits != rows.end()) return fits->id;
  }
  return {};
}

}  // namespace vdm::cli
