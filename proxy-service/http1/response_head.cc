#include "proxy-service/http1/response_head.h"

#include <algorithm>
#include <cassert>

namespace vdm::http1 {

ResponseHead::ResponseHead(std::size_t bytes_max) : bytes_max_(bytes_max) {
  assert(bytes_max <= BytesMost);  // an offset has 16 bits
}

void ResponseHead::clear() {
  lines_.clear();
  refusal_ = {};
  has_status_line_ = complete_ = keep_alive_ = false;
  body_kind_ = BodyKind::None;
  status_ = reason_at_ = reason_size_ = 0;
  framing_ = {};
  fields_.clear();
}

Progress ResponseHead::read(std::string_view received, Answers answers) {
  if (refusal_.status != 0) return Progress::Refused;
  fields_.set_base(received.data());
  if (!received.empty() && received[0] != 'H') {
    refuse("the provider's answer is not HTTP/1");
    return Progress::Refused;
  }
  while (!complete_) {
    switch (lines_.next(received,
                        has_status_line_ ? bytes_max_ : std::min(bytes_max_, StatusLineMax))) {
      case HeadLines::Found::NeedMore:
        return Progress::NeedMore;
      case HeadLines::Found::TooLong:
        refuse("the provider's head is too large");
        return Progress::Refused;
      case HeadLines::Found::Fault:
        refuse(lines_.fault().reason);
        return Progress::Refused;
      case HeadLines::Found::Line:
        if (!take_line(lines_.line(), answers)) return Progress::Refused;
    }
  }
  return Progress::Complete;
}

bool ResponseHead::refuse(std::string_view reason) {
  refusal_ = {502, reason};
  return false;
}

bool ResponseHead::take_line(std::string_view line, Answers answers) {
  if (!has_status_line_) {
    has_status_line_ = true;
    return take_status_line(line);
  }
  if (line.empty()) return complete_ = finish(answers);
  MessageRefusal why;
  return fields_.add(line, Fields::From::Provider, why) || refuse(why.reason);
}

// "HTTP/1.1 200 OK"; the reason may be missing, and the space before it too.
bool ResponseHead::take_status_line(std::string_view line) {
  constexpr std::size_t StatusAt = 9;
  constexpr std::size_t ReasonAt = 13;
  if (line.size() < ReasonAt - 1 || line.substr(0, 7) != "HTTP/1." ||
      (line[7] != '0' && line[7] != '1') || line[8] != ' ') {
    return refuse("the provider's status line is not HTTP/1");
  }
  minor_version_ = static_cast<std::uint8_t>(line[7] - '0');
  unsigned status = 0;
  for (const char c : line.substr(StatusAt, 3)) {
    if (!bytes::is_digit(c)) return refuse("the provider's status is not three digits");
    status = status * 10 + static_cast<unsigned>(c - '0');
  }
  if (line.size() >= ReasonAt && line[ReasonAt - 1] != ' ') {
    return refuse("the provider's status is not three digits");
  }
  if (status < 100 || status > 599) return refuse("the provider's status is not 100 to 599");
  // We never ask for an upgrade, so this is no answer to our request.
  if (status == 101) return refuse("the provider switched protocols unasked");
  status_ = static_cast<std::uint16_t>(status);
  if (line.size() > ReasonAt) {
    reason_at_ = ReasonAt;
    reason_size_ = static_cast<std::uint16_t>(line.size() - ReasonAt);
  }
  return true;
}

bool ResponseHead::finish(Answers answers) {
  MessageRefusal why;
  if (!fields_.framing(framing_, minor_version_, why)) return refuse(why.reason);
  keep_alive_ =
      !fields_.connection_close() && (minor_version_ == 1 || fields_.connection_keep_alive());

  const bool declares_body = framing_.chunked || framing_.content_length.value_or(0) != 0;
  if (informational() || status_ == 204 || status_ == 304 || answers == Answers::Head) {
    body_kind_ = BodyKind::None;
    // A body may follow a 1xx or 204 that declares one: we do not use the connection again.
    if (declares_body && status_ != 304 && answers != Answers::Head) keep_alive_ = false;
  } else if (framing_.chunked) {
    body_kind_ = BodyKind::Chunked;
  } else if (framing_.content_length) {
    body_kind_ = *framing_.content_length == 0 ? BodyKind::None : BodyKind::Length;
  } else {
    body_kind_ = BodyKind::UntilClose;
    keep_alive_ = false;
  }
  return true;
}

}  // namespace vdm::http1
