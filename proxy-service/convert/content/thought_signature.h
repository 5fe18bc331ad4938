#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace vdm::proxy {

/// Gemini signs a tool call with what it thought, and refuses the next turn when the
/// signature is gone. Anthropic's dialect has no place for it but one that every
/// client sends back unchanged: the call's id. There it travels, in characters legal
/// in an id, so that nothing is kept here between two turns. Pure.

/// The id to show a client for an OpenAI tool call: `id`, with the signature if there is one.
std::string id_with_signature(std::string_view id, const boost::json::object& tool_call);

/// The same of a call that came in pieces: who signed ("google" or "vertex"), and what.
std::string id_with_signature(std::string_view id, std::string_view signer,
                              std::string_view signature);

/// A client's id taken apart. `extra_content` is what the call carried, or empty.
struct SignedId {
  std::string_view id;
  boost::json::object extra_content;
};
SignedId split_signed_id(std::string_view id);

/// Only the id that the provider gave.
std::string_view id_without_signature(std::string_view id);

}  // namespace vdm::proxy
