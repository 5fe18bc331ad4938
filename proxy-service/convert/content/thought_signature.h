#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace vdm::proxy {

/// Gemini adds a signature of its thoughts to a tool call, and refuses the next turn when the
/// signature is missing. The only place in Anthropic's dialect that every client sends back
/// unchanged is the call's id. The signature travels in the id, in characters that are legal there,
/// so the proxy keeps nothing between two turns. Pure.

/// The id that a client gets for an OpenAI tool call: `id`, with the call's signature if it has
/// one.
std::string id_with_signature(std::string_view id, const boost::json::object& tool_call);

/// The same for a call that came in pieces; `signer` is "google" or "vertex".
std::string id_with_signature(std::string_view id, std::string_view signer,
                              std::string_view signature);

/// A client's id, split. `extra_content` has the signature as Gemini sent it, or is empty.
struct SignedId {
  std::string_view id;
  boost::json::object extra_content;
};
SignedId split_signed_id(std::string_view id);

/// The id that the provider gave, without the signature.
std::string_view id_without_signature(std::string_view id);

}  // namespace vdm::proxy
