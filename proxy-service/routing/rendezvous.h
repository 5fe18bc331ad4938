#pragma once

#include <cstdint>

namespace vdm::proxy {

/// Rendezvous hashing: each session has a score for each choice, and the choice with the highest
/// score gets the session. The scores depend on nothing else, so all threads and proxies agree
/// whatever the order of the choices, and a choice that goes takes only its own sessions along.
/// Pure.

/// Spreads the hash's information over all 64 bits (the finalizer of splitmix64).
constexpr std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
  return bits ^ (bits >> 31);
}

/// `choice` and `session` are hashes of their names.
constexpr std::uint64_t rendezvous(std::uint64_t choice, std::uint64_t session) {
  return mixed(choice ^ mixed(session));
}

}  // namespace vdm::proxy
