#include "proxy-service/forward/answer_usage.h"

#include <algorithm>

#include "common/base/text.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view Data = "data:";

/// Some say the total alone, of what has no output (embeddings, rankings): that is the input.
std::string with_input(std::string usage) {
  constexpr std::array<std::string_view, 4> Counts{"total_tokens", "prompt_tokens", "input_tokens",
                                                   "completion_tokens"};
  JsonMembers counts(Counts, 24);
  counts.push(usage);
  const bool only_total = counts.member(0).times > 0 && counts.member(1).times == 0 &&
                          counts.member(2).times == 0 && counts.member(3).times == 0;
  if (!only_total) return usage;
  return R"({"prompt_tokens":)" + counts.member(0).value + "}";
}

}  // namespace

AnswerUsage::Form AnswerUsage::form_of(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  if (contains(type, "event-stream")) return Form::Events;
  return contains(type, "json") ? Form::Json : Form::Other;
}

void AnswerUsage::push(std::string_view bytes) {
  if (form_ == Form::Json) members_.push(bytes);
  if (form_ == Form::Events) push_events(bytes);
}

/// Each data line is one JSON text, whose other members are passed over.
void AnswerUsage::push_events(std::string_view bytes) {
  while (!bytes.empty()) {
    if (bytes.front() == '\n' || bytes.front() == '\r') {
      end_line();
      bytes.remove_prefix(1);
      continue;
    }
    if (line_at_ < Data.size()) {
      is_data_ = is_data_ && bytes.front() == Data[line_at_];
      ++line_at_;
      bytes.remove_prefix(1);
      continue;
    }
    const std::string_view text = bytes.substr(0, bytes.find_first_of("\r\n"));
    if (is_data_) members_.push(text);
    bytes.remove_prefix(text.size());
  }
}

void AnswerUsage::end_line() {
  if (line_at_ == Data.size() && is_data_) note();
  members_.clear();
  line_at_ = 0;
  is_data_ = true;
}

void AnswerUsage::note() {
  const JsonMembers::Member& usage = members_.member(0);
  const JsonMembers::Member& model = members_.member(1);
  if (usage.times > 0 && !usage.too_long && usage.value.starts_with('{')) usage_ = usage.value;
  const bool is_name = model.times > 0 && !model.too_long && model.value.starts_with('"');
  if (model_.empty() && is_name) model_ = model.value;
}

std::string AnswerUsage::summary(bool with_model) {
  if (form_ == Form::Events) end_line();
  if (form_ == Form::Json) note();
  std::string text;
  if (with_model && !model_.empty()) text.append(R"("model":)").append(model_);
  if (!usage_.empty()) {
    text.append(text.empty() ? "" : ",").append(R"("usage":)").append(with_input(usage_));
  }
  return text.empty() ? text : "{" + text + "}";
}

}  // namespace vdm::proxy
