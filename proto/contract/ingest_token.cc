#include "proto/contract/ingest_token.h"

#include <algorithm>
#include <utility>

namespace vdm {
namespace {

constexpr std::string_view Bearer = "Bearer ";

std::string_view trimmed(std::string_view line) {
  const auto begin = line.find_first_not_of(" \t\r");
  if (begin == line.npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

Error refuse(std::string message) { return {ErrorKind::InvalidRequest, std::move(message)}; }

}  // namespace

bool is_ingest_token(std::string_view text) {
  return text.size() >= IngestTokenLimits::Least && text.size() <= IngestTokenLimits::Most &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

Result<std::vector<Secret>> parse_ingest_tokens(std::string_view text) {
  std::vector<Secret> tokens;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    const std::string_view line = trimmed(whole);
    if (line.empty() || line.front() == '#') continue;
    if (!is_ingest_token(line)) {
      return refuse("line " + std::to_string(number) + ": expected a token of " +
                    std::string(IngestTokenExpected));
    }
    if (tokens.size() == IngestTokenLimits::Tokens) {
      return refuse("line " + std::to_string(number) + ": expected at most " +
                    std::to_string(IngestTokenLimits::Tokens) + " tokens");
    }
    tokens.emplace_back(std::string(line));
  }
  if (tokens.empty()) return refuse("expected a line with a token");
  return tokens;
}

std::string ingest_token_file(const Secret& token) {
  return "# The token that vdm-proxy shows when it reports to vdm-metrics. To change it, write a "
         "new\n"
         "# one above it: proxies show the first, both are taken. Then remove the old one: "
         "streams\n"
         "# that were opened with it end, and proxies come back with the new one.\n" +
         std::string(token.reveal()) + "\n";
}

std::string authorization_of(const Secret& token) {
  return std::string(Bearer).append(token.reveal());
}

std::optional<std::string_view> token_in(std::string_view authorization) {
  if (!authorization.starts_with(Bearer)) return std::nullopt;
  return authorization.substr(Bearer.size());
}

}  // namespace vdm
