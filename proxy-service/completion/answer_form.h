#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vdm::proxy {

/// What a provider's answer is. Its label is a hint only: a stream is sent as application/json, as
/// text/plain or without a label, JSON as text/event-stream, and a proxy in between sends a page
/// under any of them.
enum class AnswerForm : std::uint8_t {
  Stream,    ///< Server-Sent Events
  Whole,     ///< one JSON text, or anything else that is no stream
  Page,      ///< HTML or XML
  Gzip,      ///< compressed, whatever the head says
  Labelled,  ///< neither JSON nor an event nor a page: as its label says
};

/// The form of an answer that begins so; nothing when more bytes are needed to tell. More than
/// `blank_max` bytes of white space are Labelled. Pure.
std::optional<AnswerForm> form_of(std::string_view begin, std::size_t blank_max);

}  // namespace vdm::proxy
