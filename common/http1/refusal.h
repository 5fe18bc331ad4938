#pragma once

#include <string_view>

namespace vdm::http1 {

/// Why a message is not accepted, as a value: the status to answer with and a
/// fixed sentence. The sentence never holds a byte the peer sent. After a
/// refusal the connection is closed and no further byte of it is parsed.
struct Refusal {
  int status = 0;
  std::string_view reason;
};

/// What came of looking at the bytes received so far.
enum class Progress {
  NeedMore,  ///< legal so far, not complete
  Complete,  ///< the head is complete and may be read
  Refused,   ///< refusal() says why
};

/// The refusals only a session can decide, since they take a clock or a limit.
inline constexpr Refusal HeadTooSlow{408, "the request head took too long to arrive"};
inline constexpr Refusal BodyTooSlow{408, "the request body took too long to arrive"};
inline constexpr Refusal BodyTooLarge{413, "the request body is larger than allowed"};

}  // namespace vdm::http1
