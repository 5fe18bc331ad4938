#include "proxy-service/providers/model_name.h"

#include <algorithm>

#include "common/base/text.h"

namespace vdm::proxy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether `text` has the form of `pattern`, in which '0' stands for a digit.
bool has_form(std::string_view text, std::string_view pattern) {
  return std::ranges::equal(
      text, pattern, [](char c, char wanted) { return wanted == '0' ? is_digit(c) : c == wanted; });
}

std::string plain(std::string_view model) {
  std::string name = lower(without_date(without_vendor(model)));
  std::ranges::replace(name, '.', '-');
  return name;
}

}  // namespace

std::string_view without_date(std::string_view model) {
  if (model.ends_with(']')) {
    const auto bracket = model.rfind('[');
    if (bracket != std::string_view::npos && bracket > 0) model = model.substr(0, bracket);
  }
  for (const std::string_view end : {"-00000000", "@00000000", "-0000-00-00", "-latest"}) {
    if (model.size() <= end.size()) continue;
    if (has_form(model.substr(model.size() - end.size()), end)) {
      return model.substr(0, model.size() - end.size());
    }
  }
  return model;
}

std::string_view vendor_of(std::string_view model) {
  const auto slash = model.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view before = model.substr(0, slash);
  return before.substr(before.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view without_vendor(std::string_view model) {
  return model.substr(model.rfind('/') + 1);  // npos + 1 is 0
}

bool is_same_model(std::string_view asked, std::string_view answered) {
  return plain(asked) == plain(answered);
}

}  // namespace vdm::proxy
