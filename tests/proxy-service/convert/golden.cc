#include "tests/proxy-service/convert/golden.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy::golden {
namespace {

namespace json = boost::json;

json::object read_file(const std::string& path) {
  std::ifstream file(std::string(VDM_GOLDEN_DIR "/convert/").append(path), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto object = parse_body(text);
  if (!object) throw std::runtime_error(path + ": " + object.error().message);
  return std::move(*object);
}

void append_pretty(const json::value& value, const std::string& indent, std::string& text) {
  const std::string inner = indent + "  ";
  std::string_view separator = "\n";
  if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
    text.append("{");
    for (const auto& [key, member] : *object) {
      text.append(separator).append(inner).append(json_text(json::value(key))).append(": ");
      append_pretty(member, inner, text);
      separator = ",\n";
    }
    text.append("\n").append(indent).append("}");
  } else if (const json::array* array = value.if_array(); array != nullptr && !array->empty()) {
    text.append("[");
    for (const json::value& element : *array) {
      text.append(separator).append(inner);
      append_pretty(element, inner, text);
      separator = ",\n";
    }
    text.append("\n").append(indent).append("]");
  } else {
    append_json(value, text);
  }
}

}  // namespace

std::vector<Case> cases(std::string_view folder) {
  std::vector<Case> cases;
  for (const auto& [name, value] : read_file(std::string(folder) + "/cases.json")) {
    const json::object& said = value.as_object();
    Case one;
    one.name = name;
    for (const json::value& direction : said.at("directions").as_array()) {
      one.directions.push_back(direction.as_string() == "to_openai" ? Direction::ToOpenAi
                                                                    : Direction::ToAnthropic);
    }
    one.round_trip = find_true(said, "round_trip");
    one.one_way = find_true(said, "one_way");
    one.refused = find_text(said, "refused");
    if (const json::object* options = find_object(said, "options")) one.options = *options;
    cases.push_back(std::move(one));
  }
  return cases;
}

json::object read(std::string_view folder, std::string_view name, std::string_view dialect) {
  return read_file(
      std::string(folder).append("/").append(name).append(".").append(dialect).append(".json"));
}

std::string pretty(const json::value& value) {
  std::string text;
  append_pretty(value, "", text);
  return text.append("\n");
}

}  // namespace vdm::proxy::golden
