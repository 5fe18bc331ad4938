#include "common/access/key_check.h"

namespace vdm {

KeyCheck::KeyCheck(const KeyCheckOptions& options, const Clock& clock)
    : clock_(clock),
      required_(!options.key.empty()),
      digest_(sha256(options.key.reveal())),
      trusted_proxies_(options.trusted_proxies),
      throttle_(options.throttle) {}

bool KeyCheck::is_right(std::string_view key) const {
  return equal_in_constant_time(sha256(key), digest_);
}

KeyResult KeyCheck::check(std::string_view key, const IpAddress& from) {
  if (!required_) return {.admitted = true};
  if (key.empty()) return {};
  const auto shown = is_right(key) ? KeyThrottle::Key::Right : KeyThrottle::Key::Wrong;
  const auto wait = throttle_.note(from, shown, clock_.monotonic());
  return {.admitted = !wait && shown == KeyThrottle::Key::Right, .wait = wait};
}

bool KeyCheck::admits(std::string_view key, const IpAddress& from) const {
  if (!required_) return true;
  return !key.empty() && is_right(key) && !throttle_.wait(from, clock_.monotonic());
}

}  // namespace vdm
