#include "common/http/message.h"

#include <algorithm>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

#include "common/base/percent.h"
#include "common/base/text.h"

namespace vdm::http {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()),
                                absl::string_view(b.data(), b.size()));
}

const std::string* find(const Request::Pairs& pairs, std::string_view name) {
  const auto found = std::find_if(pairs.begin(), pairs.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == pairs.end() ? nullptr : &found->second;
}

}  // namespace

const std::string* Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (same_name(header.name, name)) return &header.value;
  }
  return nullptr;
}

const std::string* Request::parameter(std::string_view name) const { return find(query, name); }

std::string_view Request::segment(std::string_view name) const {
  const std::string* value = find(segments, name);
  return value ? std::string_view(*value) : std::string_view();
}

std::string Request::media_type() const {
  const std::string* value = header("content-type");
  if (!value) return {};
  std::string type = lower(std::string_view(*value).substr(0, value->find(';')));
  absl::StripAsciiWhitespace(&type);
  return type;
}

Result<Request::Pairs> parse_query(std::string_view text, std::size_t pairs_max) {
  Request::Pairs pairs;
  while (!text.empty()) {
    const auto end = text.find('&');
    std::string piece(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (piece.empty()) continue;
    if (pairs.size() == pairs_max) {
      return Error{ErrorKind::InvalidRequest,
                   "query: expected at most " + std::to_string(pairs_max) + " parameters"};
    }

    std::replace(piece.begin(), piece.end(), '+', ' ');
    const auto equals = piece.find('=');
    auto name = percent_decoded(std::string_view(piece).substr(0, equals));
    auto value =
        percent_decoded(equals == std::string::npos ? std::string_view()
                                                    : std::string_view(piece).substr(equals + 1));
    if (!name || !value) {
      return Error{ErrorKind::InvalidRequest,
                   "query: expected %XX escapes of two hexadecimal digits"};
    }
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

}  // namespace vdm::http
