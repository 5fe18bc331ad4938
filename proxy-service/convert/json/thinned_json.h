#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace vdm::proxy {

/// A request's JSON without the middles of its long strings. A conversion only moves those, so it
/// works on a short text, whose size does not depend on theirs, and put_back() writes them into
/// the result as they came: neither decoded nor encoded, and copied once. In place of each middle
/// stands a mark, made of a digest of the body, so that no text has it by accident. Begin and end
/// of a string stay, for whoever looks at them: a data URI's type, an image's size.
///
/// Only strings that a conversion passes on as they are get a mark: in `messages`, under the names
/// of texts and files. (Of a system prompt the first line may be left out.) The body must be valid
/// JSON, as the request scan has found it; else parsing the result says what is wrong. Pure.
/// Thread: its owner's.
class ThinnedJson {
 public:
  struct Options {
    std::size_t text_bytes_min = 512;  ///< shorter strings stay whole
    std::size_t text_bytes_kept = 96;  ///< at either end
    /// The same for images and files, whose size stands in their first bytes.
    std::size_t data_bytes_min = 128 * 1024;
    std::size_t data_bytes_kept = 88 * 1024;
    /// What stands below this member of a content block becomes a text in the result, in which
    /// quotes and backslashes are escaped once more. Empty: there is none.
    std::string_view written_as_text{};
    /// Objects, arrays and their members. Each costs some 200 bytes in a conversion, however short.
    std::size_t values_max = ValuesMax;
  };
  static constexpr std::size_t ValuesMax = 262'144;

  /// TooLarge when the body has more values than it may. `body` must outlive this.
  static Result<ThinnedJson> of(std::string_view body, const Options& options);

  /// The body itself when it has no long string.
  std::string_view text() const { return asides_.empty() ? body_ : std::string_view(text_); }

  /// `written`, a JSON text that was made of text(), with the middles in their places.
  std::string put_back(std::string written) const;

  /// The middle of one string.
  struct Aside {
    std::string_view raw;  ///< as it stands in the body, escapes and all
    bool in_text = false;  ///< it goes below Options::written_as_text
  };
  /// Calls `each(Aside)` for every mark in a string of text().
  template <class Each>
  void for_each_in(std::string_view string, Each&& each) const {
    if (asides_.empty()) return;
    for (std::size_t at = 0; (at = string.find(mark_, at)) != std::string_view::npos;) {
      std::size_t end = at;
      if (const Aside* const aside = aside_at(string, end)) each(*aside);
      at = end;
    }
  }

 private:
  class Scan;

  /// The one whose mark stands at `at`, which moves behind it; null when it is none of ours.
  const Aside* aside_at(std::string_view text, std::size_t& at) const;

  std::string_view body_;
  std::string text_;
  std::string mark_;  ///< what each mark begins with
  std::vector<Aside> asides_;
};

}  // namespace vdm::proxy
