#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/redact/own_keys.h"

namespace vdm::proxy {

/// Watches an answer that is passed on piece by piece for the word of an error, and from that piece
/// on takes our keys out. An answer without the word passes as it came, for the price of looking
/// for the word. It holds back no more than what may be the beginning of a key. Thread: its
/// owner's.
class ErrorWatch {
 public:
  /// `content_type`: the answer's, by which it tells errors; none are told by sounds and pictures.
  ErrorWatch(const OwnKeys& keys, std::string_view content_type)
      : keys_(keys), word_(word_in(content_type)) {}

  /// What of the answer may be sent now that the piece is there; it may be empty unless `last`.
  /// Valid until the next call.
  std::span<char> pass(std::span<char> piece, bool last);

 private:
  static std::string_view word_in(std::string_view content_type);
  bool tells_error(std::string_view piece);

  const OwnKeys& keys_;
  std::string_view word_;   ///< empty: none is looked for
  std::string seam_;        ///< the end of the last piece: the word may be cut
  std::string ahead_;       ///< what has been passed on and what is held back
  std::size_t passed_ = 0;  ///< so much of `ahead_`
  bool error_told_ = false;
};

}  // namespace vdm::proxy
