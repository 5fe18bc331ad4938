#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace vdm::proxy {

/// What a provider's body tells of an error, wherever in it that stands: in an error that is a
/// text, an object or an array, in `detail` and `errors` as validators write them, in the JSON text
/// of another provider's error (OpenRouter's metadata.raw), or in the body itself. Bounds: ten
/// levels, three entries of a list. Pure.
struct ErrorDetails {
  std::string message{};  ///< the words, after the place if a validator names one; may be empty
  std::string type{};     ///< as written; Google's status
  std::string code{};     ///< as written, if it is a text
  int number = 0;         ///< a code or status that is a number; the outermost one
  std::string param{};    ///< the parameter, or the first place that a validator names
  int used = 0;           ///< tokens of the prompt, where llama.cpp states them beside the message
  int limit = 0;          ///< and of the context window
};

ErrorDetails details_in(const boost::json::value& body);

}  // namespace vdm::proxy
