#include "metrics-service/tracker/cursor.h"

#include <charconv>

namespace vdm::metrics {
namespace {

constexpr std::size_t EpochMax = 64;

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string Cursor::text() const {
  std::string text = epoch + "-" + std::to_string(revision);
  if (told) text += "-" + std::to_string(*told);
  return text;
}

std::optional<Cursor> Cursor::parse(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || dash == 0 || dash > EpochMax) return std::nullopt;
  Cursor cursor{.epoch = std::string(text.substr(0, dash))};
  std::string_view numbers = text.substr(dash + 1);
  const auto second = numbers.find('-');
  if (second != std::string_view::npos) {
    cursor.told = number_of(numbers.substr(second + 1));
    if (!cursor.told) return std::nullopt;
    numbers = numbers.substr(0, second);
  }
  const auto revision = number_of(numbers);
  if (!revision) return std::nullopt;
  cursor.revision = *revision;
  return cursor;
}

}  // namespace vdm::metrics
