#include "proxy-service/serve/model_list.h"

#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace vdm::proxy {
namespace {

namespace json = boost::json;

json::string text_of(const json::object& model, json::string_view name) {
  const json::value* value = model.if_contains(name);
  return value != nullptr && value->is_string() ? value->get_string() : json::string();
}

json::object as_anthropic(const json::object& model) {
  json::string created = text_of(model, "created_at");
  if (const json::value* seconds = model.if_contains("created");
      created.empty() && seconds != nullptr && seconds->is_number()) {
    created = json::serialize(*seconds);
  }
  const json::string id = text_of(model, "id");
  const json::string name = text_of(model, "display_name");
  return {{"id", id},
          {"type", "model"},
          {"display_name", name.empty() ? id : name},
          {"created_at", created}};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        plain.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    plain.push_back(text[i] == '+' ? ' ' : text[i]);
  }
  return plain;
}

}  // namespace

Result<ModelFormat> model_format(std::string_view name, Dialect client) {
  if (name == "anthropic") return ModelFormat::Anthropic;
  if (name == "openai") return ModelFormat::OpenAi;
  if (name == "raw") return ModelFormat::Raw;
  if (name.empty()) {
    return client == Dialect::Anthropic ? ModelFormat::Anthropic : ModelFormat::OpenAi;
  }
  return Error{ErrorKind::InvalidRequest, "format: expected anthropic, openai or raw"};
}

Result<std::string> model_list(std::string_view provider_json, ModelFormat format) {
  boost::system::error_code malformed;
  json::value parsed =
      json::parse(json::string_view(provider_json.data(), provider_json.size()), malformed);
  if (!malformed && parsed.is_array()) {
    parsed = json::object{{"object", "list"}, {"data", json::value(parsed)}};
  }
  if (malformed || !parsed.is_object()) {
    return Error{ErrorKind::UpstreamRejected, "the provider's list of models is not JSON"};
  }
  if (format == ModelFormat::Raw) return json::serialize(parsed);
  const json::value* data = parsed.get_object().if_contains("data");
  json::array models;
  if (data != nullptr && data->is_array()) models = data->get_array();
  if (format == ModelFormat::OpenAi) {
    return json::serialize(json::object{{"object", "list"}, {"data", std::move(models)}});
  }
  json::array listed;
  for (const json::value& model : models) {
    if (model.is_object()) listed.push_back(as_anthropic(model.get_object()));
  }
  const json::value first = listed.empty() ? json::value(nullptr) : listed.front().at("id");
  const json::value last = listed.empty() ? json::value(nullptr) : listed.back().at("id");
  return json::serialize(json::object{
      {"data", std::move(listed)}, {"first_id", first}, {"last_id", last}, {"has_more", false}});
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view member = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), member.size() + 1));
    const std::size_t equals = member.find('=');
    if (member.substr(0, equals) != name) continue;
    return equals == std::string_view::npos ? std::string() : decoded(member.substr(equals + 1));
  }
  return {};
}

}  // namespace vdm::proxy
