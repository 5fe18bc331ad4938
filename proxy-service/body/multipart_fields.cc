#include "proxy-service/body/multipart_fields.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view LineEnd = "\r\n";
constexpr std::string_view HeadEnd = "\r\n\r\n";
// RFC 2046 lets blanks follow a boundary; nobody sends more than one.
constexpr std::size_t BlanksMax = 64;

Error invalid_form(std::string message) { return {ErrorKind::InvalidRequest, std::move(message)}; }

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// Takes `a` off the front of "a; b; c"; a semicolon between quotes divides nothing.
std::string_view take_parameter(std::string_view& text) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size() && (quoted || text[end] != ';'); ++end) {
    if (quoted && text[end] == '\\') {
      ++end;
    } else if (text[end] == '"') {
      quoted = !quoted;
    }
  }
  const std::string_view parameter = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return without_blanks(parameter);
}

/// The value of a parameter, without its quotes; nothing when it is not stated. `text`: what stands
/// behind the field's name.
std::optional<std::string> parameter(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view each = take_parameter(text);
    const auto equals = each.find('=');
    if (equals == std::string_view::npos) continue;
    if (lower(without_blanks(each.substr(0, equals))) != name) continue;
    std::string_view value = without_blanks(each.substr(equals + 1));
    if (!value.starts_with('"')) return std::string(value);
    value.remove_prefix(1);
    std::string plain;
    for (std::size_t i = 0; i < value.size() && value[i] != '"'; ++i) {
      if (value[i] == '\\' && i + 1 < value.size()) ++i;
      plain.push_back(value[i]);
    }
    return plain;
  }
  return std::nullopt;
}

/// The name of the field that a part with this head is; empty when it states none.
std::string field_name(std::string_view head) {
  constexpr std::string_view Disposition = "content-disposition";
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find(LineEnd));
    head.remove_prefix(std::min(line.size() + LineEnd.size(), head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (lower(without_blanks(line.substr(0, colon))) != Disposition) continue;
    return parameter(line.substr(colon + 1), "name").value_or("");
  }
  return {};
}

bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= MultipartFields::BoundaryBytesMax && text.back() != ' ' &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != '"'; });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Error bad_model() {
  return invalid_form("model: expected 1 to 512 bytes without control characters");
}

}  // namespace

Result<std::string> MultipartFields::boundary_of(std::string_view content_type) {
  auto boundary = parameter(content_type, "boundary");
  if (boundary && is_boundary(*boundary)) return std::move(*boundary);
  return invalid_form("Content-Type: expected a boundary of 1 to 70 characters");
}

MultipartFields::MultipartFields(std::string_view boundary)
    : delimiter_(std::string("\r\n--").append(boundary)) {}

Result<void> MultipartFields::read(std::string_view body) {
  for (;;) {
    if (state_ == State::Over) return {};
    const auto more = state_ == State::Content ? read_content(body) : read_head(body);
    if (!more) return more.error();
    if (!*more) return {};
  }
}

Result<bool> MultipartFields::read_content(std::string_view body) {
  // The first delimiter may begin the body, where no line end can be before it.
  const std::string_view first = std::string_view(delimiter_).substr(LineEnd.size());
  if (at_begin_ && body.size() < first.size() && first.starts_with(body)) return false;
  at_begin_ = at_begin_ && body.starts_with(first);
  const std::size_t found = at_begin_ ? 0 : body.find(delimiter_, at_);
  if (found == std::string_view::npos) {
    at_ = std::max(at_, body.size() - std::min(body.size(), delimiter_.size() - 1));
    const bool too_long = at_ > begin_ + RequestScanner::model_bytes_max;
    if (field_ == Field::Model && too_long) return bad_model();
    return false;
  }
  const std::size_t behind = found + (at_begin_ ? first.size() : delimiter_.size());
  const std::size_t end = std::min(body.find_first_not_of(" \t", behind), body.size());
  const std::string_view next = body.substr(end, LineEnd.size());
  const bool is_last = end == behind && next == "--";
  const bool is_delimiter = (is_last || next == LineEnd) && end - behind <= BlanksMax;
  if (!is_delimiter) {
    const bool may_be = (next.empty() || next == "\r" || (end == behind && next == "-")) &&
                        end - behind <= BlanksMax;
    at_ = may_be ? found : found + 1;
    at_begin_ = at_begin_ && may_be;
    return !may_be;
  }
  at_begin_ = false;
  const auto ended = end_part(body.substr(0, found), found);
  if (!ended) return ended.error();
  state_ = is_last ? State::Over : State::Head;
  // The line end is part of a head's end, so that a part without fields has one, too.
  at_ = begin_ = end;
  if (!is_last && ++parts_ > PartsMax) {
    return invalid_form("body: expected at most " + std::to_string(PartsMax) + " parts");
  }
  return true;
}

Result<bool> MultipartFields::read_head(std::string_view body) {
  const std::size_t end = body.find(HeadEnd, at_);
  if (end == std::string_view::npos) {
    at_ = std::max(at_, body.size() - std::min(body.size(), HeadEnd.size() - 1));
    if (at_ > begin_ + PartHeadBytesMax) {
      return invalid_form("body: expected a part's head of at most " +
                          std::to_string(PartHeadBytesMax) + " bytes");
    }
    return false;
  }
  if (end > begin_ + PartHeadBytesMax) {
    return invalid_form("body: expected a part's head of at most " +
                        std::to_string(PartHeadBytesMax) + " bytes");
  }
  const std::string name = field_name(body.substr(begin_, end - begin_));
  field_ = name == "model" ? Field::Model : name == "stream" ? Field::Stream : Field::Other;
  if (field_ == Field::Model && model_) return invalid_form("model: expected once, found twice");
  state_ = State::Content;
  begin_ = end + HeadEnd.size();
  // An empty content's delimiter begins with the line end that ends the head.
  at_ = end + LineEnd.size();
  return true;
}

Result<void> MultipartFields::end_part(std::string_view before, std::size_t end) {
  const Field field = std::exchange(field_, Field::Other);
  const std::string_view content = end > begin_ ? before.substr(begin_) : std::string_view();
  if (field == Field::Stream) stream_ = lower(content) == "true";
  if (field != Field::Model) return {};
  if (content.empty() || content.size() > RequestScanner::model_bytes_max ||
      std::ranges::any_of(content, is_control)) {
    return bad_model();
  }
  model_ = ByteRange{begin_, content.size()};
  return {};
}

}  // namespace vdm::proxy
