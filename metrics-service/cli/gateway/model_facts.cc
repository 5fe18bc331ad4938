#include "metrics-service/cli/gateway/model_facts.h"

#include <cstdint>
#include <cstdio>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "metrics-service/cli/gateway/json_member.h"

namespace vdm::cli {
namespace {

namespace json = boost::json;

const Error NotUnderstood{ErrorKind::UpstreamRejected, "the facts are not what was expected"};

std::string shown(const json::object& object, json::string_view name) {
  return printable(text_member(object, name));
}

void append_line(std::string& out, std::string_view title, std::string_view text) {
  constexpr std::size_t Indent = 10;
  std::string head(title);
  head.resize(Indent, ' ');
  out.append(head).append(text.empty() ? "-" : text).append("\n");
}

std::string joined(const std::string& so_far, std::string_view more) {
  return so_far.empty() ? std::string(more) : so_far + ", " + std::string(more);
}

std::string dollars(const json::object& prices, json::string_view name, std::string_view what) {
  const auto price = number_member(prices, name);
  if (!price) return "";
  char text[64];
  std::snprintf(text, sizeof text, "$%.4g ", *price);
  return std::string(text) + std::string(what);
}

std::string prices_text(const json::object& prices) {
  std::string out;
  for (const auto& [name, what] : {std::pair{"input", "in"}, std::pair{"output", "out"},
                                   std::pair{"cache_read", "read from the cache"},
                                   std::pair{"cache_write", "written to it"}}) {
    const std::string price = dollars(prices, name, what);
    if (!price.empty()) out = joined(out, price);
  }
  return out;
}

std::string row_text(const json::object& row) {
  const std::string provider = shown(row, "provider");
  const std::string name = shown(row, "row");
  const std::string match = shown(row, "match");
  if (provider.empty()) return "the dialect's defaults";
  if (name.empty()) return provider + ": its defaults";
  if (match == "family") return provider + ": " + name + " (its family: abilities, no figures)";
  if (match == "same_model") return provider + ": " + name + " (the same model with another date)";
  return provider + ": " + name;
}

std::string reasoning_text(const json::object& facts) {
  std::string out = shown(facts, "reasoning");
  if (const json::object* efforts = object_member(facts, "efforts")) {
    std::string words;
    for (const auto& effort : *efforts) {
      if (!effort.value().is_string()) continue;
      const std::string ours = printable(effort.key());
      const std::string theirs = printable(effort.value().get_string());
      words = joined(words, ours == theirs ? ours : ours + " as " + theirs);
    }
    out.append(": ").append(words);
  }
  return out;
}

std::string traits_text(const json::object& facts, json::string_view group, bool wanted) {
  std::string out;
  const json::object* traits = object_member(facts, group);
  if (traits == nullptr) return out;
  for (const auto& trait : *traits) {
    if (trait.value().is_bool() && trait.value().get_bool() == wanted) {
      out = joined(out, printable(trait.key()));
    } else if (trait.value().is_string() && wanted) {
      out = joined(out, printable(trait.key()) + " " + printable(trait.value().get_string()));
    }
  }
  return out;
}

Result<json::object> parsed_object(std::string_view body) {
  boost::system::error_code malformed;
  json::value parsed = json::parse(json::string_view(body.data(), body.size()), malformed);
  if (malformed || !parsed.is_object()) return NotUnderstood;
  return std::move(parsed.get_object());
}

}  // namespace

Result<std::string> explained_facts(std::string_view body) {
  const auto answer = parsed_object(body);
  if (!answer) return answer.error();
  const json::object* facts = object_member(*answer, "facts");
  const json::array* rows = array_member(*answer, "rows");
  if (!facts || !rows) return NotUnderstood;

  std::string out = shown(*answer, "provider") + ":" + shown(*answer, "model") + ", by its " +
                    shown(*answer, "door") + " door\n";
  std::string_view title = "rows";
  for (const json::value& row : *rows) {
    if (row.is_object()) append_line(out, title, row_text(row.get_object()));
    title = "";
  }
  const std::uint64_t window = count_member(*facts, "context_tokens");
  const std::uint64_t limit = count_member(*facts, "output_tokens_max");
  append_line(out, "window", window == 0 ? "" : count_text(window) + " tokens");
  append_line(out, "output", limit == 0 ? "" : "at most " + count_text(limit) + " tokens");
  const json::object* prices = object_member(*facts, "usd_per_million");
  append_line(out, "prices", prices ? prices_text(*prices) + ", per million tokens" : "");
  if (const json::array* tiers = prices ? array_member(*prices, "above") : nullptr) {
    for (const json::value& tier : *tiers) {
      if (!tier.is_object()) continue;
      append_line(out, "",
                  "above " + count_text(count_member(tier.get_object(), "input_tokens")) +
                      " tokens: " + prices_text(tier.get_object()));
    }
  }
  append_line(out, "reasoning", reasoning_text(*facts));
  append_line(out, "sent", traits_text(*facts, "takes", true));
  append_line(out, "left out", traits_text(*facts, "takes", false));
  append_line(out, "wants", traits_text(*facts, "wants", true));
  std::string learned;
  if (const json::array* lessons = array_member(*answer, "learned")) {
    for (const json::value& lesson : *lessons) {
      if (lesson.is_object()) learned = joined(learned, shown(lesson.get_object(), "refused"));
    }
  }
  append_line(out, "learned", learned.empty() ? "nothing yet" : learned + " is refused");
  return out;
}

Result<std::string> learned_facts(std::string_view body, Colour colour) {
  const auto answer = parsed_object(body);
  if (!answer) return answer.error();
  const json::array* lessons = array_member(*answer, "learned");
  if (!lessons) return NotUnderstood;
  if (lessons->empty())
    return std::string("nothing: no provider refused a member in the last hour\n");
  Table table({{"PROVIDER"}, {"MODEL"}, {"REFUSES"}, {"FORGOTTEN IN", Align::Right}});
  for (const json::value& value : *lessons) {
    if (!value.is_object()) continue;
    const json::object& lesson = value.get_object();
    constexpr std::uint64_t Micros = 1'000'000;
    table.add({shown(lesson, "provider"), shown(lesson, "model"), shown(lesson, "refused"),
               duration_text(count_member(lesson, "forgotten_in_seconds") * Micros)});
  }
  return table.text(colour);
}

}  // namespace vdm::cli
