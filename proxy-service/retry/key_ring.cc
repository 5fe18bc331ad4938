#include "proxy-service/retry/key_ring.h"

#include <algorithm>

#include "common/base/digest.h"
#include "proxy-service/routing/rendezvous.h"

namespace vdm::proxy {
namespace {

// No provider caches a shorter prompt, and the turns of a longer one agree so far.
constexpr std::size_t BodyBeginBytes = 4 * 1024;

}  // namespace

std::uint64_t session_hash(std::string_view session, std::string_view client,
                           std::string_view body) {
  if (!session.empty()) return fnv1a_64(session);
  return mixed(fnv1a_64(client)) ^ fnv1a_64(body.substr(0, BodyBeginBytes));
}

std::uint64_t owner_hash(std::string_view client, std::string_view provider) {
  return mixed(fnv1a_64(client)) ^ fnv1a_64(provider);
}

KeyRing::KeyRing(std::span<const Secret> keys, Affinity affinity, Options options,
                 KeyCooldowns& cooldowns)
    : affinity_(affinity), options_(options), cooldowns_(cooldowns) {
  if (keys.size() < 2) return;
  for (const Secret& key : keys) seeds_.push_back(fnv1a_64(key.reveal()));
}

void KeyRing::give(Tried& tried, std::size_t key) {
  tried.given_ |= std::uint64_t{1} << key;
  next_ = key + 1 == size() ? 0 : key + 1;
}

std::optional<std::size_t> KeyRing::take(Tried& tried, MonotonicTime now, std::uint64_t session) {
  if (by_session()) return take_by_hash(tried, now, session);
  for (std::size_t step = 0; step < size(); ++step) {
    const std::size_t key = (next_ + step) % size();
    if (!may_give(tried, key, now)) continue;
    give(tried, key);
    return key;
  }
  return std::nullopt;
}

std::optional<std::size_t> KeyRing::take_of_owner(Tried& tried, MonotonicTime now,
                                                  std::uint64_t owner) {
  return seeds_.empty() ? take(tried, now) : take_by_hash(tried, now, owner);
}

std::optional<std::size_t> KeyRing::take_by_hash(Tried& tried, MonotonicTime now,
                                                 std::uint64_t hash) {
  std::optional<std::size_t> chosen;
  std::uint64_t highest = 0;
  for (std::size_t key = 0; key < size(); ++key) {
    const std::uint64_t score = rendezvous(seeds_[key], hash);
    if (!may_give(tried, key, now) || (chosen && score <= highest)) continue;
    chosen = key;
    highest = score;
  }
  if (chosen) give(tried, *chosen);
  return chosen;
}

std::optional<std::size_t> KeyRing::end_cooldown(Tried& tried, MonotonicTime now) {
  std::optional<std::size_t> soonest;
  for (std::size_t key = 0; key < size(); ++key) {
    if (tried.has(key)) continue;
    if (!soonest || cooldowns_.ready_at(key) < cooldowns_.ready_at(*soonest)) soonest = key;
  }
  if (!soonest) return std::nullopt;
  if (cools_down(*soonest, now)) cooldowns_.end(*soonest);
  give(tried, *soonest);
  return soonest;
}

bool KeyRing::has_next(const Tried& tried, MonotonicTime now) const {
  for (std::size_t key = 0; key < size(); ++key) {
    if (may_give(tried, key, now)) return true;
  }
  return false;
}

void KeyRing::answered(std::size_t key, int status,
                       std::optional<std::chrono::milliseconds> retry_after, MonotonicTime now) {
  if (!is_about_the_key(status)) return;
  const auto cooldown = std::min(retry_after.value_or(options_.cooldown), options_.cooldown_max);
  cooldowns_.extend(key, now + cooldown);
}

}  // namespace vdm::proxy
