#include "proxy-service/completion/answer_form.h"

#include "proxy-service/body/json_text.h"
#include "proxy-service/http1/inflater.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view ByteOrderMark = "\xEF\xBB\xBF";

/// The beginnings of an event's first line. A comment begins with the colon itself.
constexpr std::string_view EventFields[] = {":", "data:", "event:", "id:", "retry:"};

}  // namespace

std::optional<AnswerForm> form_of(std::string_view begin, std::size_t blank_max) {
  if (http1::Inflater::is_gzip(begin)) return AnswerForm::Gzip;
  if (begin == "\x1f") return std::nullopt;
  if (!begin.empty() && ByteOrderMark.starts_with(begin)) return std::nullopt;
  if (begin.starts_with(ByteOrderMark)) begin.remove_prefix(ByteOrderMark.size());
  std::size_t first = 0;
  while (first < begin.size() && is_json_space(begin[first])) ++first;
  if (first == begin.size()) {
    return first > blank_max ? std::optional(AnswerForm::Labelled) : std::nullopt;
  }
  begin.remove_prefix(first);
  if (begin.front() == '{' || begin.front() == '[') return AnswerForm::Whole;
  if (begin.front() == '<') return AnswerForm::Page;
  for (const std::string_view field : EventFields) {
    if (begin.starts_with(field)) return AnswerForm::Stream;
    if (field.starts_with(begin)) return std::nullopt;
  }
  return AnswerForm::Labelled;
}

}  // namespace vdm::proxy
