#include "proxy-service/catalog/model_list.h"

#include <algorithm>
#include <optional>

#include <absl/time/time.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/base/percent.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr std::int64_t SecondsMax = 253'402'300'800;  // the year 10000 has a digit too many

json::string text_of(const json::object& model, json::string_view name) {
  const json::value* value = model.if_contains(name);
  return value != nullptr && value->is_string() ? value->get_string() : json::string();
}

json::string date_and_time(absl::Time at) {
  return json::string(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", at, absl::UTCTimeZone()));
}

/// Anthropic's clients expect a date and time here even when the provider gives none.
json::string created_at(const json::object& model) {
  json::string said = text_of(model, "created_at");
  if (!said.empty()) return said;
  std::int64_t seconds = 0;
  if (const json::value* created = model.if_contains("created")) {
    boost::system::error_code not_whole;
    const auto whole = created->to_number<std::int64_t>(not_whole);
    if (!not_whole && whole > 0 && whole < SecondsMax) seconds = whole;
  }
  return json::string(
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(seconds), absl::UTCTimeZone()));
}

json::object as_anthropic(const json::object& model) {
  const json::string id = text_of(model, "id");
  const json::string name = text_of(model, "display_name");
  return {{"id", id},
          {"type", "model"},
          {"display_name", name.empty() ? id : name},
          {"created_at", created_at(model)}};
}

/// The provider's object. An Anthropic one also gets the members that OpenAI's clients rely on.
json::object as_openai(const json::object& model) {
  if (text_of(model, "type") != "model" || model.contains("object")) return model;
  json::object out = model;
  absl::Time at = absl::UnixEpoch();
  absl::ParseTime(absl::RFC3339_full, std::string(text_of(model, "created_at")), &at, nullptr);
  out["object"] = "model";
  out["created"] = absl::ToUnixSeconds(at);
  out["owned_by"] = "anthropic";
  return out;
}

json::object in_format(const json::object& model, ModelFormat format) {
  if (format == ModelFormat::Anthropic) return as_anthropic(model);
  return format == ModelFormat::Raw ? model : as_openai(model);
}

Result<json::object> parse_list(std::string_view provider_json) {
  boost::system::error_code malformed;
  json::value parsed =
      json::parse(json::string_view(provider_json.data(), provider_json.size()), malformed);
  if (!malformed && parsed.is_array()) {
    return json::object{{"object", "list"}, {"data", std::move(parsed)}};
  }
  if (malformed || !parsed.is_object()) {
    return Error{ErrorKind::UpstreamRejected, "the provider's list of models is not JSON"};
  }
  return std::move(parsed.get_object());
}

json::array models_of(const json::object& list, ModelFormat format) {
  json::array models;
  const json::value* data = list.if_contains("data");
  if (data == nullptr || !data->is_array()) return models;
  for (const json::value& model : data->get_array()) {
    if (model.is_object()) models.push_back(in_format(model.get_object(), format));
  }
  return models;
}

/// A name with a malformed escape is taken as it stands: the only use of it is a look-up.
std::string decoded(std::string_view text) {
  return percent_decoded(text).value_or(std::string(text));
}

}  // namespace

Result<ModelFormat> model_format(std::string_view name, Dialect client) {
  if (name == "anthropic") return ModelFormat::Anthropic;
  if (name == "openai") return ModelFormat::OpenAi;
  if (name == "raw") return ModelFormat::Raw;
  if (name == "facts") return ModelFormat::Facts;
  if (name.empty()) {
    return client == Dialect::Anthropic ? ModelFormat::Anthropic : ModelFormat::OpenAi;
  }
  return Error{ErrorKind::InvalidRequest, "format: expected anthropic, openai, raw or facts"};
}

Result<std::string> model_list(std::string_view provider_json, ModelFormat format,
                               const ListMark& mark) {
  const auto list = parse_list(provider_json);
  if (!list) return list.error();
  if (format == ModelFormat::Raw) return json::serialize(*list);
  json::array models = models_of(*list, format);
  json::object out;
  if (format != ModelFormat::Anthropic) {
    out = {{"object", "list"}, {"data", std::move(models)}};
  } else {
    const json::value first = models.empty() ? json::value(nullptr) : models.front().at("id");
    const json::value last = models.empty() ? json::value(nullptr) : models.back().at("id");
    out = {
        {"data", std::move(models)}, {"first_id", first}, {"last_id", last}, {"has_more", false}};
  }
  if (mark.stale) {
    out["stale"] = true;
    out["last_updated"] = date_and_time(absl::FromChrono(mark.at));
  }
  return json::serialize(out);
}

Result<std::string> model_of_list(std::string_view provider_json, std::string_view id,
                                  ModelFormat format) {
  const auto list = parse_list(provider_json);
  if (!list) return list.error();
  const json::value* data = list->if_contains("data");
  const json::array none;
  const json::array& models = data != nullptr && data->is_array() ? data->get_array() : none;
  for (const json::value& model : models) {
    if (!model.is_object()) continue;
    if (std::string(text_of(model.get_object(), "id")) != id) continue;
    return json::serialize(in_format(model.get_object(), format));
  }
  return Error{ErrorKind::NotFound, "model: the provider lists none of that name"};
}

std::vector<std::string> model_names(std::string_view provider_json) {
  std::vector<std::string> names;
  const auto list = parse_list(provider_json);
  if (!list) return names;
  for (const json::value& model : models_of(*list, ModelFormat::Raw)) {
    const json::string id = text_of(model.get_object(), "id");
    if (!id.empty()) names.emplace_back(id);
  }
  return names;
}

std::optional<std::string> first_model(std::string_view provider_json) {
  std::vector<std::string> names = model_names(provider_json);
  if (names.empty()) return std::nullopt;
  return std::move(names.front());
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view member = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), member.size() + 1));
    const std::size_t equals = member.find('=');
    if (member.substr(0, equals) != name) continue;
    if (equals == std::string_view::npos) return {};
    std::string value(member.substr(equals + 1));
    std::replace(value.begin(), value.end(), '+', ' ');
    return decoded(value);
  }
  return {};
}

std::string path_value(std::string_view path) { return decoded(path); }

}  // namespace vdm::proxy
