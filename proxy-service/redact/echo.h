#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vdm::proxy {

/// The longest request that we compare a message with: that takes up to 20 ms of a thread's time.
inline constexpr std::size_t EchoRequestBytesMax = 2 * 1024 * 1024;

/// A provider's error message without what may repeat the request. "[redacted]" replaces
/// each word that is no error word and that a word of the request's texts equals or begins
/// with (an echo may be cut short); any four words that the request has in the same order;
/// up to three words between two such places; and every word that is not ASCII, since
/// there may be no blanks to compare by. Texts are compared decoded and in any case; keys
/// of objects are not compared.
///
/// `request`: its JSON, in parts that are cut between values. The result is empty when the
/// request is too long. Bounds: reads 256 bytes of the message. Pure.
std::string without_echo(std::string_view message, std::span<const std::string_view> request);

}  // namespace vdm::proxy
