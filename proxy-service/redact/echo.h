#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vdm::proxy {

/// The longest request that a message is compared with: up to 20 ms of a thread's time.
inline constexpr std::size_t EchoRequestBytesMax = 2 * 1024 * 1024;

/// What a provider says went wrong, without what it may be repeating of the request:
/// "[redacted]" stands for each word that a text of the request has as well (or
/// begins with, as an echo may be cut short) and that is not one of errors' own; for
/// any four words that stand in the request in the same order; for up to three that
/// are left between such; and for every word that is not ASCII, where there may be no
/// blanks to compare by. Compared as decoded, in any case; keys of objects are not.
///
/// `request`: its JSON, in pieces that are cut between values. Nothing is kept of a
/// message whose request is too long. Bounds: reads 256 bytes of the message. Pure.
std::string without_echo(std::string_view message, std::span<const std::string_view> request);

}  // namespace vdm::proxy
