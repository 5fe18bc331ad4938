#include "deploy/demo-provider/form.h"

#include <array>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace vdm::demo {
namespace {

struct Model {
  std::string_view id;
  std::string_view display_name;
};
constexpr std::array<Model, 4> Models{{{"demo-chat", "Demo Chat"},
                                       {"demo-fast", "Demo Fast"},
                                       {"demo-slow", "Demo Slow"},
                                       {"demo-thinker", "Demo Thinker"}}};
constexpr std::int64_t ModelsCreated = 1767225600;  // 2026-01-01
constexpr std::string_view ModelsCreatedAt = "2026-01-01T00:00:00Z";

json::string text(std::string_view view) { return json::string(view.data(), view.size()); }

std::string_view anthropic_type(int status) {
  switch (status) {
    case 400:
    case 413:
      return "invalid_request_error";
    case 401:
      return "authentication_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    case 529:
      return "overloaded_error";
    default:
      return "api_error";
  }
}

json::object openai_error(int status, std::string_view message) {
  json::object error{
      {"message", text(message)}, {"type", "server_error"}, {"param", nullptr}, {"code", nullptr}};
  if (status < 500) error["type"] = "invalid_request_error";
  if (status == 401) error["code"] = "invalid_api_key";
  if (status == 404) error["code"] = "model_not_found";
  if (status == 429) {
    error["type"] = "requests";
    error["code"] = "rate_limit_exceeded";
  }
  return error;
}

}  // namespace

int weight_of(std::string_view token) {
  if (token.find("\n\n") != std::string_view::npos) return 12;
  const char last = token.empty() ? ' ' : token.back();
  return last == '.' || last == '?' || last == '!' || last == ':' ? 5 : 1;
}

std::string error_body(Dialect dialect, int status, std::string_view message, const Ids& ids) {
  if (dialect == Dialect::OpenAi) {
    return json::serialize(json::object{{"error", openai_error(status, message)}});
  }
  return json::serialize(
      json::object{{"type", "error"},
                   {"error", {{"type", text(anthropic_type(status))}, {"message", text(message)}}},
                   {"request_id", "req_demo_" + ids.suffix}});
}

std::string models_body(Dialect dialect) {
  json::array data;
  for (const Model& model : Models) {
    if (dialect == Dialect::OpenAi) {
      data.push_back(json::object{{"id", text(model.id)},
                                  {"object", "model"},
                                  {"created", ModelsCreated},
                                  {"owned_by", "vandamme-demo"}});
    } else {
      data.push_back(json::object{{"type", "model"},
                                  {"id", text(model.id)},
                                  {"display_name", text(model.display_name)},
                                  {"created_at", text(ModelsCreatedAt)}});
    }
  }
  if (dialect == Dialect::OpenAi) {
    return json::serialize(json::object{{"object", "list"}, {"data", std::move(data)}});
  }
  return json::serialize(json::object{{"data", std::move(data)},
                                      {"has_more", false},
                                      {"first_id", text(Models.front().id)},
                                      {"last_id", text(Models.back().id)}});
}

}  // namespace vdm::demo
