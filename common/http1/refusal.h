#pragma once

#include <string_view>

namespace vdm::http1 {

/// Why a parser does not accept a message: the status to answer with and a fixed
/// sentence, which never holds a byte the peer sent. After a refusal the session
/// closes the connection and parses no further byte of it.
struct MessageRefusal {
  int status = 0;
  std::string_view reason;
};

/// What a parser makes of the bytes received so far.
enum class Progress {
  NeedMore,  ///< legal so far, not complete
  Complete,  ///< the head is complete and may be read
  Refused,   ///< refusal() says why
};

/// The refusals that only a session can decide, since they need a clock or a limit.
inline constexpr MessageRefusal HeadTooSlow{408, "the request head took too long to arrive"};
inline constexpr MessageRefusal BodyTooSlow{408, "the request body took too long to arrive"};
inline constexpr MessageRefusal BodyTooLarge{413, "the request body is larger than allowed"};

}  // namespace vdm::http1
