#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.h"

namespace vdm::proxy {

/// The keys that no client may read: a provider may repeat, in an error, the key that it was shown.
/// It finds them in a text as they are, and as JSON or a URL writes them ("\/", "\u002f", "%2F"),
/// and their beginnings of BeginningMin bytes and more, as errors cut what they quote. A short key
/// may be any word and is not looked for (see is_telling()). Pure. Thread: any.
class OwnKeys {
 public:
  static constexpr std::size_t BeginningMin = 16;

  /// Keeps the key, if it is_telling().
  void add(const Secret& key);
  /// Whether a text that has the key has it from us: it has 8 bytes, or 6 with a digit.
  static bool is_telling(std::string_view key);

  /// Whether another piece of the same text follows.
  enum class Rest : std::uint8_t { None, Follows };
  /// Writes asterisks over each of them, so that the text's length stays. Returns how many bytes at
  /// its end may be the beginning of one that goes on in the next piece: those are left as they
  /// are, to be looked at again in front of it. None when no rest follows.
  std::size_t blot_out(std::span<char> text, Rest rest = Rest::None) const;

 private:
  struct Match {
    std::size_t size = 0;  ///< of the text
    bool found = false;    ///< all of the key, or enough of its beginning
    bool at_end = false;   ///< the text ends within the key
  };
  static Match match(std::string_view text, std::string_view key);
  /// Of all keys together, the longest.
  Match match(std::string_view text) const;

  std::vector<Secret> keys_;
  std::array<bool, 256> begins_{};  ///< whether any key begins with the byte
};

}  // namespace vdm::proxy
