#include "proxy-service/http1/head_writer.h"

#include <algorithm>
#include <charconv>

#include "common/http1/reason_phrase.h"

namespace vdm::http1 {
namespace {

bool is_visible(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

HeadWriter& HeadWriter::refuse() {
  ++refused_;
  return *this;
}

HeadWriter& HeadWriter::status_line(int status) {
  if (status < 100 || status > 599) {
    refuse();
    status = 500;
  }
  out_.append(std::string_view("HTTP/1.1 "));
  out_.push_back(static_cast<char>('0' + status / 100));
  out_.push_back(static_cast<char>('0' + status / 10 % 10));
  out_.push_back(static_cast<char>('0' + status % 10));
  out_.push_back(' ');
  out_.append(reason_phrase(status)).append(LineEnd);
  return *this;
}

HeadWriter& HeadWriter::request_line(std::string_view method, std::string_view target) {
  if (!is_token(method) || !is_visible(target)) return refuse();
  out_.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  return *this;
}

HeadWriter& HeadWriter::field(FieldLabel name, std::string_view value) {
  if (!is_field_value(value)) return refuse();
  put(name.text(), value);
  return *this;
}

HeadWriter& HeadWriter::named_field(std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_field_value(value)) return refuse();
  put(name, value);
  return *this;
}

// Grows the string once and copies into it: separate appends cost twice as much.
void HeadWriter::put(std::string_view name, std::string_view value) {
  const std::size_t at = out_.size();
  out_.resize(at + name.size() + value.size() + 4);
  char* to = out_.data() + at;
  to = std::copy(name.begin(), name.end(), to);
  *to++ = ':';
  *to++ = ' ';
  to = std::copy(value.begin(), value.end(), to);
  *to++ = '\r';
  *to = '\n';
}

HeadWriter& HeadWriter::field(FieldLabel name, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto [end, fault] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  static_cast<void>(fault);  // twenty digits hold every 64-bit value
  put(name.text(), {digits.data(), static_cast<std::size_t>(end - digits.data())});
  return *this;
}

HeadWriter& HeadWriter::stripped_field(FieldLabel name, std::string_view value,
                                       std::size_t bytes_max) {
  out_.append(name.text()).append(": ");
  std::size_t kept = 0;
  for (const char c : trimmed(value)) {
    if (kept == bytes_max) break;
    if (bytes::is_control(c)) continue;
    out_.push_back(c);
    ++kept;
  }
  out_.append(LineEnd);
  return *this;
}

ChunkLine::ChunkLine(std::uint64_t payload_bytes) : text_{}, at_(text_.size() - 2) {
  text_[at_] = '\r';
  text_[at_ + 1] = '\n';
  do {
    text_[--at_] = "0123456789abcdef"[payload_bytes & 15];
    payload_bytes >>= 4;
  } while (payload_bytes != 0);
}

}  // namespace vdm::http1
