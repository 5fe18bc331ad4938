#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "proxy-service/body/json_text.h"
#include "proxy-service/convert/chat/chunk.h"

namespace vdm::proxy {

/// What a stream has told of one call so far, as far as that tells calls apart.
struct CallSign {
  std::optional<std::uint64_t> index{};
  std::string id{};            ///< as it stands between its quotes
  std::string name{};          ///< decoded; once it is known
  bool has_arguments = false;  ///< some have come, if only an empty text
  bool complete = false;       ///< all of them have
  bool named_again = false;    ///< after that, the name came again, alone
};

/// Where a piece stands among the calls: its index, or its place in an array of several calls
/// that have neither index nor id.
inline std::optional<std::uint64_t> index_of(const CallPiece& piece) {
  const bool by_place = !piece.index && piece.id.empty() && !piece.alone;
  return by_place ? std::optional<std::uint64_t>(piece.place) : piece.index;
}

/// Whether the piece, which could continue the call, begins another one instead.
inline bool begins_another(const CallPiece& piece, const CallSign& call) {
  // Some servers send a new id with every piece of a call, but its name only once.
  if (piece.name.empty()) return call.named_again && !piece.arguments.empty();
  if (!piece.id.empty() && !call.id.empty()) return true;
  const bool same_name = key_is(piece.name, call.name);
  if (call.complete) return !piece.arguments.empty() || !same_name;
  // A name may come in pieces, but not once arguments have begun; only the name tells then.
  const bool by_name = !piece.index && piece.id.empty();
  return by_name && call.has_arguments && !call.name.empty() && !same_name;
}

/// The number of the call that the piece continues; nothing when it begins another. Providers tell
/// calls apart in different ways: OpenAI by the index; Gemini by the id, with an index of 0 or
/// none; small servers by their place in the array, or only by sending a name again. `calls` are
/// CallSigns, in their order. Pure.
template <class Calls>
std::optional<std::size_t> call_of(const CallPiece& piece, const Calls& calls) {
  const auto index = index_of(piece);
  std::optional<std::size_t> same_index;
  for (std::size_t i = calls.size(); i-- > 0;) {
    const bool index_fits = !index || calls[i].index == index;
    if (!index_fits) continue;
    if (!piece.id.empty() && calls[i].id == piece.id) return i;
    if (!same_index) same_index = i;
  }
  if (same_index && begins_another(piece, calls[*same_index])) return std::nullopt;
  return same_index;
}

}  // namespace vdm::proxy
