#include "proxy-service/convert/json/thinned_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "common/base/digest.h"
#include "proxy-service/body/json_walk.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view MarkEnd = "]]";
constexpr std::size_t DigestedBytes = 64 * 1024;

constexpr std::array<std::string_view, 4> Texts{"text", "content", "thinking", "refusal"};
constexpr std::array<std::string_view, 4> Files{"data", "url", "image_url", "file_data"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// The end of the string whose first byte after the quote is at `begin`: its closing quote.
std::size_t end_of_string(std::string_view json, std::size_t begin) {
  for (std::size_t at = begin; (at = json.find('"', at)) != std::string_view::npos; ++at) {
    std::size_t slashes = 0;
    while (at - slashes > begin && json[at - slashes - 1] == '\\') ++slashes;
    if (slashes % 2 == 0) return at;
  }
  return std::string_view::npos;
}

bool is_low_surrogate(std::string_view raw, std::size_t at) {
  if (raw.size() - at < 6 || raw[at] != '\\' || raw[at + 1] != 'u') return false;
  const char first = raw[at + 2];
  const char second = static_cast<char>(raw[at + 3] | 0x20);
  return (first == 'd' || first == 'D') && second >= 'c' && second <= 'f';
}

/// The last place up to `at` where what stands between quotes may be cut: not in a character, in an
/// escape, or between two that stand for one character.
std::size_t cut_before(std::string_view raw, std::size_t at) {
  constexpr std::size_t EscapeBytesMax = 6;
  while (at > 0 && at < raw.size() && (static_cast<unsigned char>(raw[at]) & 0xC0) == 0x80) --at;
  for (std::size_t back = 1; back < EscapeBytesMax && back <= at; ++back) {
    const std::size_t slash = at - back;
    if (raw[slash] != '\\') continue;
    std::size_t slashes = 1;
    while (slashes <= slash && raw[slash - slashes] == '\\') ++slashes;
    const std::size_t begin = slashes % 2 == 1 ? slash : slash - 1;
    const std::size_t size = begin + 1 < raw.size() && raw[begin + 1] == 'u' ? EscapeBytesMax : 2;
    if (begin + size > at) at = begin;
    break;
  }
  if (at >= EscapeBytesMax && at < raw.size() && is_low_surrogate(raw, at)) at -= EscapeBytesMax;
  return at;
}

/// Whether a text begins with something else than white space: blank texts are treated apart.
bool begins_with_words(std::string_view raw) {
  return raw.find_first_not_of(" \\nrt") != std::string_view::npos;
}

/// Appends what stands between quotes so that it may stand in a text between quotes.
void append_escaped(std::string_view raw, std::string& out) {
  for (std::size_t at; (at = raw.find_first_of("\"\\")) != std::string_view::npos;) {
    out.append(raw.substr(0, at)).append(1, '\\').append(1, raw[at]);
    raw.remove_prefix(at + 1);
  }
  out.append(raw);
}

}  // namespace

/// Goes over the body once. It knows the names on the way to each string, and leaves the grammar to
/// the parser.
class ThinnedJson::Scan {
 public:
  Scan(std::string_view body, const Options& options, ThinnedJson& out)
      : body_(body), options_(options), out_(out) {}

  Result<void> run() {
    for (std::size_t at = 0; at < body_.size(); ++at) {
      switch (body_[at]) {
        case '"': {
          const std::size_t end = end_of_string(body_, at + 1);
          if (end == std::string_view::npos || depth_ > DepthMax) return {};
          see_string(at + 1, end);
          at = end;
          break;
        }
        case '{':
        case '[':
          if (!enter(body_[at] == '{')) return too_many();
          break;
        case '}':
        case ']':
          if (depth_ > 0) --depth_;
          wants_key_ = false;
          break;
        case ',':
          if (++values_ > options_.values_max) return too_many();
          wants_key_ = depth_ <= DepthMax && levels_[depth_].is_object;
          break;
        default:
          break;
      }
    }
    if (!out_.asides_.empty()) out_.text_.append(body_.substr(copied_));
    return {};
  }

 private:
  static constexpr std::size_t DepthMax = JsonWalk::depth_max;
  // A content block of a message: {"messages": [{"content": [{…}]}]}.
  static constexpr std::size_t BlockDepth = 5;

  struct Level {
    bool is_object = false;
    std::string_view key{};  ///< of the member in hand
  };

  bool enter(bool is_object) {
    ++depth_;
    if (depth_ <= DepthMax) levels_[depth_] = {.is_object = is_object};
    wants_key_ = is_object;
    return ++values_ <= options_.values_max;
  }

  Error too_many() const {
    return {ErrorKind::TooLarge, "body: expected at most " + std::to_string(options_.values_max) +
                                     " objects, arrays and members"};
  }

  void see_string(std::size_t begin, std::size_t end) {
    const std::string_view raw = body_.substr(begin, end - begin);
    Level& level = levels_[depth_];
    if (wants_key_) {
      level.key = raw;
      wants_key_ = false;
      return;
    }
    if (raw.size() < std::min(options_.text_bytes_min, options_.data_bytes_min)) return;
    if (levels_[1].key != "messages") return;
    const bool in_text = is_written_as_text();
    if (!in_text && is_below(options_.written_as_text)) return;
    const std::string_view key = level.is_object ? level.key : std::string_view();
    // Arguments that are no object become the text itself: see arguments_text().
    if (in_text && key == "_raw_arguments") return;
    if (in_text || contains(Texts, key)) {
      set_aside(begin, raw, options_.text_bytes_min, options_.text_bytes_kept, in_text);
    } else if (contains(Files, key) && passes_as_it_is(key, raw)) {
      set_aside(begin, raw, options_.data_bytes_min, options_.data_bytes_kept, false);
    }
  }

  /// A text in a file is decoded, so it must stay whole; so must what says what a data URI is.
  bool passes_as_it_is(std::string_view key, std::string_view raw) const {
    if (key == "file_data" && !raw.starts_with("data:application/pdf;")) return false;
    return !raw.starts_with("data:") || raw.find(',') < options_.data_bytes_kept / 2;
  }

  bool is_written_as_text() const {
    return !options_.written_as_text.empty() && depth_ >= BlockDepth &&
           levels_[1].key == "messages" && levels_[3].key == "content" &&
           levels_[BlockDepth].is_object && levels_[BlockDepth].key == options_.written_as_text;
  }

  bool is_below(std::string_view name) const {
    if (name.empty()) return false;
    for (std::size_t each = 1; each <= depth_; ++each) {
      if (levels_[each].is_object && levels_[each].key == name) return true;
    }
    return false;
  }

  void set_aside(std::size_t begin, std::string_view raw, std::size_t bytes_min, std::size_t kept,
                 bool in_text) {
    if (raw.size() < bytes_min || raw.size() <= 2 * kept) return;
    const std::size_t from = cut_before(raw, kept);
    const std::size_t to = cut_before(raw, raw.size() - kept);
    if (to <= from || !begins_with_words(raw.substr(0, from))) return;
    if (out_.asides_.empty()) {
      const std::string digest = hex_prefix(sha256(body_.substr(0, DigestedBytes)), 24);
      out_.mark_ = "[[vdm:" + digest + ":";
      out_.text_.reserve(body_.size() / 8);
    }
    out_.text_.append(body_.substr(copied_, begin + from - copied_));
    out_.text_.append(out_.mark_).append(std::to_string(out_.asides_.size())).append(MarkEnd);
    out_.asides_.push_back({.raw = raw.substr(from, to - from), .in_text = in_text});
    copied_ = begin + to;
  }

  const std::string_view body_;
  const Options& options_;
  ThinnedJson& out_;
  std::array<Level, DepthMax + 1> levels_{};
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  std::size_t copied_ = 0;  ///< of the body, into the text
  bool wants_key_ = false;
};

Result<ThinnedJson> ThinnedJson::of(std::string_view body, const Options& options) {
  ThinnedJson thinned;
  thinned.body_ = body;
  if (const auto scanned = Scan(body, options, thinned).run(); !scanned) return scanned.error();
  return thinned;
}

const ThinnedJson::Aside* ThinnedJson::aside_at(std::string_view text, std::size_t& at) const {
  at += mark_.size();
  std::size_t index = 0;
  const char* const end = text.data() + text.size();
  const auto [behind, fault] = std::from_chars(text.data() + at, end, index);
  if (fault != std::errc{} || index >= asides_.size()) return nullptr;
  const auto number_end = static_cast<std::size_t>(behind - text.data());
  if (!text.substr(number_end).starts_with(MarkEnd)) return nullptr;
  at = number_end + MarkEnd.size();
  return &asides_[index];
}

std::string ThinnedJson::put_back(std::string written) const {
  if (asides_.empty()) return written;
  std::size_t size = written.size();
  for_each_in(written, [&size](const Aside& aside) { size += aside.raw.size(); });
  std::string whole;
  whole.reserve(size);
  std::size_t copied = 0;
  for (std::size_t at = 0; (at = written.find(mark_, at)) != std::string::npos;) {
    std::size_t end = at;
    const Aside* const aside = aside_at(written, end);
    if (aside != nullptr) {
      whole.append(written, copied, at - copied);
      if (aside->in_text) {
        append_escaped(aside->raw, whole);
      } else {
        whole.append(aside->raw);
      }
      copied = end;
    }
    at = end;
  }
  whole.append(written, copied);
  return whole;
}

}  // namespace vdm::proxy
