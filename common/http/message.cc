#include "common/http/message.h"

#include <algorithm>

#include <boost/beast/http/status.hpp>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

namespace vdm::http {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  absl::AsciiStrToLower(&out);
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()),
                                absl::string_view(b.data(), b.size()));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
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

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
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

std::string_view reason_phrase(int status) {
  const auto phrase =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {phrase.data(), phrase.size()};
}

}  // namespace vdm::http
