#include "proxy-service/http1/passed_fields.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace vdm::http1 {
namespace {

/// Whether `name`, in any case, is `known`, or begins with it if that ends with '*'. `known` is in
/// lower case.
bool matches(std::string_view name, std::string_view known) {
  if (!known.ends_with('*')) return equal_ignoring_case(name, known);
  known.remove_suffix(1);
  return equal_ignoring_case(name.substr(0, known.size()), known);
}

// Who reads them: openai-python and openai-node (_base_client.py, client.ts: retry-after-ms,
// x-should-retry, x-ratelimit-*), their twins of Anthropic's, Claude Code (anthropic-ratelimit-*),
// Codex (codex-api/src/rate_limits.rs, sse/responses.rs: x-codex-*, openai-model, x-models-etag,
// x-reasoning-included). The others are HTTP's own, for files and lists. By their first letter.
constexpr std::array<std::string_view, 2> WithA{"anthropic-*", "accept-ranges"};
constexpr std::array<std::string_view, 4> WithC{"cache-control", "content-disposition",
                                                "content-language", "content-range"};
constexpr std::array<std::string_view, 2> WithE{"etag", "expires"};
constexpr std::array<std::string_view, 1> WithL{"last-modified"};
constexpr std::array<std::string_view, 1> WithO{"openai-*"};
constexpr std::array<std::string_view, 2> WithR{"retry-after-*", "ratelimit*"};
constexpr std::array<std::string_view, 5> WithX{"x-ratelimit*", "x-codex-*", "x-should-retry",
                                                "x-models-etag", "x-reasoning-included"};

template <std::size_t Count>
bool any_matches(const std::array<std::string_view, Count>& known, std::string_view name) {
  return std::ranges::any_of(known, [name](std::string_view each) { return matches(name, each); });
}

// What no configuration may let through.
constexpr std::array<std::string_view, 42> NeverAdded{
    // They bind a browser to the provider's word.
    "access-control-*", "set-cookie*", "strict-transport-security", "alt-svc", "clear-site-data",
    "content-security-policy*", "cross-origin-*", "expect-ct", "feature-policy", "link", "nel",
    "origin-agent-cluster", "permissions-policy", "public-key-pins*", "refresh", "report-to",
    "reporting-endpoints", "service-worker-allowed", "sourcemap", "timing-allow-origin",
    "x-frame-options", "x-xss-protection", "location", "content-location",
    // They steer a server in front of us.
    "x-accel-*", "x-sendfile*", "x-lighttpd-*", "x-reproxy-url",
    // They are the hop's, or ours to write.
    "connection", "content-encoding", "content-length", "keep-alive", "proxy-*", "te", "trailer",
    "transfer-encoding", "upgrade", "vary", "www-authenticate", "x-request-id",
    "x-upstream-request-id", "x-vandamme-*"};

}  // namespace

PassedFields::PassedFields(const std::vector<std::string>& more) {
  for (const std::string& name : more) more_.push_back(lower(name));
}

/// A path is of our own host, whatever the client resolves it against. "//host/x" is none, nor is
/// what a browser takes for that.
bool PassedFields::is_path(std::string_view location) {
  return location.starts_with('/') && !location.starts_with("//") && !location.starts_with("/\\");
}

bool PassedFields::is_read_by_clients(std::string_view name) {
  switch (name.front() | 0x20) {
    case 'a':
      return any_matches(WithA, name);
    case 'c':
      return any_matches(WithC, name);
    case 'e':
      return any_matches(WithE, name);
    case 'l':
      return any_matches(WithL, name);
    case 'o':
      return any_matches(WithO, name);
    case 'r':
      return any_matches(WithR, name);
    case 'x':
      return any_matches(WithX, name);
    default:
      return false;
  }
}

bool PassedFields::is_added(std::string_view name) const {
  return std::ranges::any_of(more_,
                             [name](const std::string& each) { return matches(name, each); });
}

bool PassedFields::may_be_added(std::string_view name) {
  const bool is_beginning = name.ends_with('*');
  if (is_beginning) name.remove_suffix(1);
  if (!is_token(name) || name.find('*') != std::string_view::npos) return false;
  return std::ranges::none_of(NeverAdded, [name, is_beginning](std::string_view never) {
    if (matches(name, never)) return true;
    if (never.ends_with('*')) never.remove_suffix(1);
    return is_beginning && equal_ignoring_case(never.substr(0, name.size()), name);
  });
}

}  // namespace vdm::http1
