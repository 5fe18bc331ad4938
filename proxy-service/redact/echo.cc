#include "proxy-service/redact/echo.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "proxy-service/body/json_text.h"
#include "proxy-service/redact/error_words.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t MessageBytesMax = 256;
constexpr std::ptrdiff_t BridgeWordsMax = 3;

/// The numbers, from 1, of the last four words: one in each byte, the newest in the lowest.
using Row = std::uint32_t;
constexpr std::size_t RowWords = 4;
constexpr bool is_full(Row row) { return row >> 24 != 0; }

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

/// A byte of a word in lower case; 0 for a byte that belongs to no word.
constexpr auto Folded = [] {
  std::array<char, 256> folded{};
  for (int c = 0; c < 256; ++c) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_word =
        is_upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
    if (is_word) folded[static_cast<std::size_t>(c)] = static_cast<char>(is_upper ? c | 0x20 : c);
  }
  return folded;
}();
char fold(char c) { return Folded[static_cast<unsigned char>(c)]; }

/// Whether `word`, in any case, begins with `low`, which is in lower case.
bool begins_with(std::string_view word, std::string_view low) {
  if (word.size() < low.size()) return false;
  for (std::size_t i = 0; i < low.size(); ++i) {
    if (fold(word[i]) != low[i]) return false;
  }
  return true;
}

/// Calls `visit` with each word of a text.
template <class Visit>
void each_word(std::string_view text, Visit&& visit) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\\') {
      at += 2;  // JSON within the text: an escape there belongs to no word
    } else if (fold(text[at]) == 0) {
      ++at;
    } else {
      const std::size_t begin = at;
      while (at < text.size() && fold(text[at]) != 0) ++at;
      visit(text.substr(begin, at - begin));
    }
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether a word of a message is an index in a field's path: the 3 of messages.3.content or
/// messages[3]. It tells a person where the fault is, whatever numbers the request has.
bool is_index(std::string_view message, std::string_view word) {
  constexpr std::size_t DigitsMax = 4;
  if (word.size() > DigitsMax || !std::ranges::all_of(word, is_digit)) return false;
  const auto begin = static_cast<std::size_t>(word.data() - message.data());
  const std::size_t end = begin + word.size();
  if (begin < 2 || is_digit(message[begin - 2])) return false;
  const char before = message[begin - 1];
  const char after = end < message.size() ? message[end] : ':';
  return (before == '.' && (after == '.' || after == ':')) || (before == '[' && after == ']');
}

/// Whether an odd number of backslashes stands before `at`.
bool is_escaped(std::string_view json, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && json[before - 1] == '\\') --before;
  return (at - before) % 2 == 1;
}

/// Calls `visit` with each string in a JSON text, decoded, except for objects' keys.
template <class Visit>
void each_value(std::string_view json, Visit&& visit) {
  std::string decoded;
  for (std::size_t open = json.find('"'); open != std::string_view::npos;) {
    std::size_t close = json.find('"', open + 1);
    while (close != std::string_view::npos && is_escaped(json, close)) {
      close = json.find('"', close + 1);
    }
    if (close == std::string_view::npos) return;
    const std::size_t after = json.find_first_not_of(" \t\r\n", close + 1);
    if (after == std::string_view::npos || json[after] != ':') {
      const std::string_view written = json.substr(open + 1, close - open - 1);
      decoded.clear();
      if (!append_decoded(written, decoded)) decoded.append(written);
      visit(decoded);
    }
    open = json.find('"', close + 1);
  }
}

/// The words of a message, and which of them the request has, too.
class Words {
 public:
  explicit Words(std::string_view message) : message_(message) {
    each_word(message_, [this](std::string_view word) { add(word); });
  }

  void compare(std::string_view request) {
    each_value(request, [this](std::string_view text) {
      Row row = 0;
      each_word(text, [&](std::string_view word) {
        const std::uint8_t number = find(word);
        row = number == 0 ? 0 : row << 8 | number;
        if (!is_full(row)) return;
        if (const auto found = rows_.find(row); found != rows_.end()) found->second = true;
      });
    });
  }

  std::string without_repeated() const;

 private:
  struct Distinct {
    std::string text;  ///< in lower case
    bool is_plain = false;
    bool repeated = false;
  };

  void add(std::string_view word) {
    std::string low(word);
    std::ranges::transform(low, low.begin(), fold);
    auto known = std::ranges::find(distinct_, low, &Distinct::text);
    if (known == distinct_.end()) {
      const bool foreign = !std::ranges::all_of(low, is_ascii);
      known = distinct_.insert(known, {low, is_error_word(low), foreign});
      if (!foreign) by_first_[static_cast<unsigned char>(low[0])].push_back(distinct_.size());
    }
    indices_.push_back(is_index(message_, word));
    places_.push_back(static_cast<std::uint8_t>(known - distinct_.begin() + 1));
    row_ = row_ << 8 | places_.back();
    if (is_full(row_)) rows_.emplace(row_, false);
  }

  /// The number of a request's word in the message; 0 when the message does not have it.
  std::uint8_t find(std::string_view word) {
    std::uint8_t same = 0;
    for (const std::size_t number : by_first_[static_cast<unsigned char>(fold(word[0]))]) {
      Distinct& candidate = distinct_[number - 1];
      if (!begins_with(word, candidate.text)) continue;
      if (!candidate.is_plain) candidate.repeated = true;
      if (word.size() == candidate.text.size()) same = static_cast<std::uint8_t>(number);
    }
    return same;
  }

  std::vector<bool> repeated_places() const;

  std::string_view message_;
  std::vector<Distinct> distinct_;
  std::array<std::vector<std::size_t>, 256> by_first_;  ///< numbers, by a word's first character
  std::vector<std::uint8_t> places_;                    ///< the number of each word, in order
  std::vector<bool> indices_;                           ///< whether each is an index in a path
  std::map<Row, bool> rows_;  ///< of the message, and whether the request has it
  Row row_ = 0;
};

std::vector<bool> Words::repeated_places() const {
  std::vector<bool> repeated;
  Row row = 0;
  for (const std::uint8_t number : places_) {
    repeated.push_back(distinct_[number - 1u].repeated && !indices_[repeated.size()]);
    row = row << 8 | number;
    if (is_full(row) && rows_.at(row)) std::fill_n(repeated.rbegin(), RowWords, true);
  }
  // The few words between two repeated ones are most likely of the same echo.
  auto last = repeated.end();
  for (auto at = repeated.begin(); at != repeated.end(); ++at) {
    if (!*at) continue;
    if (last != repeated.end() && at - last <= BridgeWordsMax + 1) std::fill(last, at, true);
    last = at;
  }
  return repeated;
}

std::string Words::without_repeated() const {
  const std::vector<bool> repeated = repeated_places();
  std::string kept;
  std::size_t copied = 0;
  std::size_t place = 0;
  bool before = false;
  each_word(message_, [&](std::string_view word) {
    const auto begin = static_cast<std::size_t>(word.data() - message_.data());
    const bool now = repeated[place++];
    // Between two words that are left out, the text is left out, too.
    if (!now || !before) kept.append(message_.substr(copied, begin - copied));
    if (now && !before) kept.append("[redacted]");
    if (!now) kept.append(word);
    copied = begin + word.size();
    before = now;
  });
  return kept.append(message_.substr(copied));
}

}  // namespace

std::string without_echo(std::string_view message, std::span<const std::string_view> request) {
  std::size_t bytes = 0;
  for (const std::string_view piece : request) bytes += piece.size();
  if (message.empty() || bytes > EchoRequestBytesMax) return {};

  Words words(message.substr(0, MessageBytesMax));
  for (const std::string_view piece : request) words.compare(piece);
  return words.without_repeated();
}

}  // namespace vdm::proxy
