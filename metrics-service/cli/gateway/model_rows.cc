#include "metrics-service/cli/gateway/model_rows.h"

#include <algorithm>

#include <absl/time/time.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "metrics-service/cli/gateway/json_member.h"
#include "metrics-service/cli/terminal/control.h"

namespace vdm::cli {
namespace {

namespace json = boost::json;

/// The OpenAI dialect gives seconds since 1970, Anthropic's an RFC 3339 time.
std::string created(const json::object& model) {
  constexpr std::size_t DateLength = 10;
  const json::value* seconds = model.if_contains("created");
  if (seconds && seconds->is_int64() && seconds->get_int64() > 0) {
    return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(seconds->get_int64()),
                            absl::UTCTimeZone());
  }
  return text_member(model, "created_at").substr(0, DateLength);
}

void read_facts(const json::object& facts, ModelRow& row) {
  row.context_tokens = count_member(facts, "context_tokens");
  row.output_tokens_max = count_member(facts, "output_tokens_max");
  const std::string reasoning = text_member(facts, "reasoning");
  if (reasoning != "none") row.reasoning = reasoning;
  if (const json::object* prices = object_member(facts, "usd_per_million")) {
    row.input_price = number_member(*prices, "input");
    row.output_price = number_member(*prices, "output");
  }
  const json::array* kinds = array_member(facts, "input");
  if (!kinds) return;
  for (const json::value& kind : *kinds) {
    if (!kind.is_string()) continue;
    row.input.append(row.input.empty() ? "" : ", ").append(kind.get_string());
  }
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
    ModelRow row{.id = text_member(model, "id"),
                 .owner = text_member(model, "owned_by"),
                 .created = created(model)};
    if (const json::object* facts = object_member(model, "facts")) read_facts(*facts, row);
    rows.push_back(std::move(row));
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
