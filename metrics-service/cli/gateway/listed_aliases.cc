#include "metrics-service/cli/gateway/listed_aliases.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "metrics-service/cli/gateway/json_member.h"

namespace vdm::cli {
namespace {

namespace json = boost::json;

json::object list_object(std::string_view body) {
  boost::system::error_code malformed;
  json::value parsed = json::parse(json::string_view(body.data(), body.size()), malformed);
  return !malformed && parsed.is_object() ? std::move(parsed.get_object()) : json::object();
}

}  // namespace

std::vector<ListedAlias> listed_aliases(std::string_view body) {
  const json::object list = list_object(body);
  std::vector<ListedAlias> aliases;
  const json::array* data = array_member(list, "data");
  if (data == nullptr) return aliases;
  for (const json::value& value : *data) {
    if (!value.is_object()) continue;
    const json::object& model = value.get_object();
    ListedAlias alias{.id = text_member(model, "id"),
                      .alias = text_member(model, "alias"),
                      .target = text_member(model, "target"),
                      .context_tokens = count_member(model, "max_input_tokens")};
    if (!alias.id.empty() && !alias.alias.empty()) aliases.push_back(std::move(alias));
  }
  return aliases;
}

std::optional<AnsweringModel> answering_model(std::string_view body) {
  const json::object answer = list_object(body);
  const json::object* facts = object_member(answer, "facts");
  if (facts == nullptr) return std::nullopt;
  return AnsweringModel{text_member(answer, "model"), count_member(*facts, "context_tokens")};
}

}  // namespace vdm::cli
