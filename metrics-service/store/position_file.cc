#include "metrics-service/store/position_file.h"

#include <charconv>
#include <string_view>
#include <vector>

#include "common/base/digest.h"
#include "metrics-service/store/durable_file.h"

namespace vdm::metrics {
namespace {

constexpr std::string_view PositionKind = "vdm-log-1";
constexpr std::size_t CheckDigits = 16;

std::string checked(std::string_view text) { return hex_prefix(sha256(text), CheckDigits); }

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = text.find(' ');
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return words;
}

}  // namespace

std::optional<PositionFile::Reserved> PositionFile::read() const {
  std::string text = read_whole(path_, 4096);
  if (!text.ends_with('\n')) return std::nullopt;
  text.pop_back();
  const auto words = words_of(text);
  if (words.size() != 4 || words[0] != PositionKind || words[1].empty()) return std::nullopt;
  const std::string_view said = std::string_view(text).substr(0, text.rfind(' '));
  Reserved reserved{.epoch = std::string(words[1])};
  const auto* const digits_end = words[2].data() + words[2].size();
  const auto [end, fault] = std::from_chars(words[2].data(), digits_end, reserved.last);
  if (fault != std::errc{} || end != digits_end || checked(said) != words[3]) return std::nullopt;
  return reserved;
}

Result<void> PositionFile::write(const Reserved& reserved) const {
  std::string text(PositionKind);
  text += " " + reserved.epoch + " " + std::to_string(reserved.last);
  const std::string check = checked(text);
  return write_durably(path_, text + " " + check + "\n");
}

}  // namespace vdm::metrics
