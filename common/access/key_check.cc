#include "common/access/key_check.h"

namespace vdm {

KeyCheck::KeyCheck(const KeyCheckOptions& options, const Clock& clock)
    : clock_(clock),
      required_(options.keys.guard()),
      keys_(options.keys),
      trusted_proxies_(options.trusted_proxies),
      throttle_(options.throttle) {}

KeyResult KeyCheck::check(std::string_view key, const IpAddress& from) {
  if (!required_) return {.admitted = true};
  if (key.empty()) return {};
  const AccessKey* found = keys_.find(sha256(key));
  if (found != nullptr && has_expired(*found)) return {.key = found};
  const auto shown = found != nullptr ? KeyThrottle::Key::Right : KeyThrottle::Key::Wrong;
  const auto wait = throttle_.note(from, shown, clock_.monotonic());
  return {.admitted = !wait && found != nullptr, .key = found, .wait = wait};
}

KeyResult KeyCheck::peek(std::string_view key, const IpAddress& from) const {
  if (!required_) return {.admitted = true};
  if (key.empty()) return {};
  const AccessKey* found = keys_.find(sha256(key));
  const auto wait = throttle_.wait(from, clock_.monotonic());
  const bool counts = found != nullptr && !has_expired(*found) && !wait;
  return {.admitted = counts, .key = counts ? found : nullptr, .wait = wait};
}

}  // namespace vdm
