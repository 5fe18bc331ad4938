#include "common/http1/fields.h"

#include <algorithm>
#include <cassert>

namespace vdm::http1 {
namespace {

// A second value of these could mean one thing to us and another to the provider.
constexpr FieldNames StandOnce{FieldName::AnthropicVersion,
                               FieldName::Authorization,
                               FieldName::ContentEncoding,
                               FieldName::ContentType,
                               FieldName::Cookie,
                               FieldName::Expect,
                               FieldName::Host,
                               FieldName::Origin,
                               FieldName::XApiKey};

// CGI-like readers take X_API_KEY for X-API-KEY: we refuse such a twin of a name we act on.
bool imitates_a_known_name(std::string_view name) {
  constexpr std::size_t LongestKnown = 32;
  if (name.size() > LongestKnown || name.find('_') == std::string_view::npos) return false;
  std::array<char, LongestKnown> hyphenated;
  for (std::size_t i = 0; i < name.size(); ++i) hyphenated[i] = name[i] == '_' ? '-' : name[i];
  return recognise({hyphenated.data(), name.size()}) != FieldName::Other;
}

bool refuse(MessageRefusal& why, int status, std::string_view reason) {
  why = {status, reason};
  return false;
}

// Eighteen digits fit in 63 bits; no real body is longer.
bool parse_length(std::string_view text, std::uint64_t& length, MessageRefusal& why) {
  if (text.empty()) return refuse(why, 400, "Content-Length: expected digits");
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!bytes::is_digit(c)) return refuse(why, 400, "Content-Length: expected digits");
    if (value > 99'999'999'999'999'999u) return refuse(why, 413, "Content-Length: too large");
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  length = value;
  return true;
}

// Calls `take` for each element of a comma-separated list until it returns true.
template <class Take>
bool any_element(std::string_view list, Take take) {
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trimmed(list.substr(0, comma));
    if (!element.empty() && take(element)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

void Fields::clear() {
  size_ = 0;
  connection_close_ = connection_keep_alive_ = connection_names_fields_ = false;
  first_.fill(Absent);
}

void Fields::limit_to(std::size_t most) {
  assert(most <= Max);  // there is no room for more
  size_max_ = static_cast<std::uint8_t>(most);
}

Field Fields::operator[](std::size_t index) const {
  const Entry& entry = entries_[index];
  return {.name = {base_ + entry.name_at, entry.name_size},
          .value = {base_ + entry.value_at, entry.value_size},
          .known = entry.known};
}

std::optional<std::string_view> Fields::get(FieldName name) const {
  const std::uint8_t index = first_[static_cast<std::size_t>(name)];
  if (index == Absent) return std::nullopt;
  return (*this)[index].value;
}

std::optional<std::string_view> Fields::get(std::string_view name) const {
  const FieldName known = recognise(name);
  if (known != FieldName::Other) return get(known);
  for (const Field field : *this) {
    if (field.known == FieldName::Other && equal_ignoring_case(field.name, name)) {
      return field.value;
    }
  }
  return std::nullopt;
}

bool Fields::is_end_to_end(const Field& field) const {
  if (HopByHop.hold(field.known)) return false;
  return !connection_names_fields_ || !is_named_by_connection(field.name);
}

bool Fields::add(std::string_view line, From from, MessageRefusal& why) {
  if (line.front() == ' ' || line.front() == '\t') {
    return refuse(why, 400, "a header line begins with white space");
  }
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  const FieldName known = recognise(name);
  if (known == FieldName::Other && !is_token(name)) {
    return refuse(why, 400, "a header name is not a token");
  }
  if (colon == line.size()) return refuse(why, 400, "a header line has no colon");
  if (size_ >= size_max_) return refuse(why, 431, "more header fields than allowed");

  const std::string_view value = trimmed(line.substr(colon + 1));
  entries_[size_] = {.name_at = static_cast<std::uint16_t>(name.data() - base_),
                     .name_size = static_cast<std::uint16_t>(name.size()),
                     .value_at = static_cast<std::uint16_t>(value.data() - base_),
                     .value_size = static_cast<std::uint16_t>(value.size()),
                     .known = known};
  if (known != FieldName::Other) {
    if (!note_known(known, value, from, why)) return false;
  } else if (from == From::Client && imitates_a_known_name(name)) {
    return refuse(why, 400, "a header name with '_' imitates one with '-'");
  }
  ++size_;
  return true;
}

bool Fields::note_known(FieldName known, std::string_view value, From from, MessageRefusal& why) {
  std::uint8_t& first = first_[static_cast<std::size_t>(known)];
  if (known == FieldName::Connection) note_connection(value);
  if (first == Absent) {
    first = size_;
    return true;
  }
  if (known == FieldName::ContentLength) return refuse(why, 400, "more than one Content-Length");
  if (known == FieldName::TransferEncoding) {
    return refuse(why, 400, "more than one Transfer-Encoding");
  }
  if (from == From::Client && StandOnce.hold(known)) {
    return refuse(why, 400, "a header that may stand once is repeated");
  }
  return true;
}

void Fields::note_connection(std::string_view value) {
  any_element(value, [this](std::string_view element) {
    if (equal_ignoring_case(element, "close")) {
      connection_close_ = true;
    } else if (equal_ignoring_case(element, "keep-alive")) {
      connection_keep_alive_ = true;
    } else {
      connection_names_fields_ = true;
    }
    return false;
  });
}

bool Fields::is_named_by_connection(std::string_view name) const {
  const auto is_it = [name](std::string_view element) {
    return equal_ignoring_case(element, name);
  };
  for (const Field field : *this) {
    if (field.known == FieldName::Connection && any_element(field.value, is_it)) return true;
  }
  return false;
}

bool Fields::framing(Framing& framing, int minor_version, MessageRefusal& why) const {
  const auto length = get(FieldName::ContentLength);
  const auto coding = get(FieldName::TransferEncoding);
  framing = {};
  if (length && coding) {
    return refuse(why, 400, "both Content-Length and Transfer-Encoding");
  }
  if (coding) {
    if (minor_version == 0) return refuse(why, 400, "Transfer-Encoding with HTTP/1.0");
    if (!equal_ignoring_case(*coding, "chunked")) {
      return refuse(why, 501, "Transfer-Encoding: expected exactly 'chunked'");
    }
    framing.chunked = true;
    return true;
  }
  if (!length) return true;
  std::uint64_t value = 0;
  if (!parse_length(*length, value, why)) return false;
  framing.content_length = value;
  return true;
}

}  // namespace vdm::http1
