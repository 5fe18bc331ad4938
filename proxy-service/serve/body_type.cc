#include "proxy-service/serve/body_type.h"

#include <string>
#include <string_view>

namespace vdm::proxy {
namespace {

constexpr std::string_view Json = "application/json";
constexpr std::string_view Form = "multipart/form-data";

/// The type without its parameters.
std::string_view essence(std::string_view type) {
  return http1::trimmed(type.substr(0, type.find(';')));
}

bool is_json(std::string_view type) {
  constexpr std::string_view Application = "application/";
  constexpr std::string_view Suffix = "+json";
  if (http1::equal_ignoring_case(type, Json)) return true;
  return type.size() > Application.size() + Suffix.size() &&
         http1::equal_ignoring_case(type.substr(0, Application.size()), Application) &&
         http1::equal_ignoring_case(type.substr(type.size() - Suffix.size()), Suffix);
}

bool takes_form(const Route& route) {
  return route.service == Service::Forward &&
         (route.kind == ForwardKind::Images || route.kind == ForwardKind::Audio ||
          route.kind == ForwardKind::Files);
}

}  // namespace

bool takes_type(const Route& route, const http1::RequestHead& head) {
  if (!takes_body(route.service)) return true;  // it reads none
  const auto said = head.fields().get(http1::FieldName::ContentType);
  const bool may_lack_body = route.service == Service::Forward && !head.has_body();
  if (!said) return may_lack_body;
  if (may_lack_body && head.method() != http1::Method::Post) return true;
  const std::string_view type = essence(*said);
  return is_json(type) || (takes_form(route) && http1::equal_ignoring_case(type, Form));
}

Refusal wrong_type(const Route& route, const http1::RequestHead& head) {
  constexpr std::string_view CurlsOwn = "application/x-www-form-urlencoded";
  constexpr std::size_t ShownMax = 80;
  std::string message = "Content-Type: expected ";
  message.append(Json)
      .append(takes_form(route) ? " or " : "")
      .append(takes_form(route) ? Form : "");
  const auto said = head.fields().get(http1::FieldName::ContentType);
  if (!said) {
    message.append(", got none");
  } else {
    message.append(", got '").append(said->substr(0, ShownMax)).append("'");
    if (http1::equal_ignoring_case(essence(*said), CurlsOwn)) {
      message.append(", which curl -d sends unless told: -H 'content-type: application/json'");
    }
  }
  return {415, "invalid_request", std::move(message)};
}

}  // namespace vdm::proxy
