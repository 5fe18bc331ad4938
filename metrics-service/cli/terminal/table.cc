#include "metrics-service/cli/terminal/table.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "metrics-service/cli/terminal/control.h"

namespace vdm::cli {
namespace {

constexpr std::string_view Gap = "  ";

/// The number of characters, close enough to what a terminal shows: bytes that begin one.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & '\xc0') != '\x80'; }));
}

void append_cell(std::string& line, std::string_view cell, std::size_t wide, Align align) {
  const std::string room(wide - std::min(wide, width(cell)), ' ');
  if (align == Align::Right) line.append(room);
  line.append(cell);
  if (align == Align::Left) line.append(room);
}

std::string formatted(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string two_units(std::uint64_t large, char large_unit, std::uint64_t small, char small_unit) {
  std::string text = std::to_string(large);
  text.push_back(large_unit);
  if (small < 10) text.push_back('0');
  text.append(std::to_string(small)).push_back(small_unit);
  return text;
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::text(Colour colour) const {
  std::vector<std::size_t> widths;
  for (std::size_t at = 0; at < columns_.size(); ++at) {
    std::size_t widest = width(columns_[at].name);
    for (const auto& row : rows_) widest = std::max(widest, width(row[at]));
    widths.push_back(widest);
  }
  const auto add_line = [&](std::string& text, auto cell_at) {
    std::string line;
    for (std::size_t at = 0; at < columns_.size(); ++at) {
      if (at > 0) line.append(Gap);
      append_cell(line, cell_at(at), widths[at], columns_[at].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text.append(line);
  };

  std::string text;
  if (colour == Colour::Always) text.append("\x1b[1m");
  add_line(text, [&](std::size_t at) -> std::string_view { return columns_[at].name; });
  if (colour == Colour::Always) text.append("\x1b[0m");
  text.push_back('\n');
  for (const auto& row : rows_) {
    add_line(text, [&](std::size_t at) -> std::string_view { return row[at]; });
    text.push_back('\n');
  }
  return text;
}

std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const Control control = control_at(text, at);
    shown.push_back(control.bytes > 0 ? '?' : text[at]);
    if (control.bytes > 0) at += control.bytes - 1;
  }
  return shown;
}

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string duration_text(std::uint64_t us) {
  constexpr std::uint64_t Second = 1'000'000;
  const std::uint64_t seconds = us / Second;
  if (us < Second) return std::to_string(us / 1000) + "ms";
  if (seconds < 60) return formatted("%.1fs", static_cast<double>(us / 100'000) / 10);
  if (seconds < 3600) return two_units(seconds / 60, 'm', seconds % 60, 's');
  return two_units(seconds / 3600, 'h', seconds / 60 % 60, 'm');
}

std::string rate_text(double per_second) {
  return per_second > 0 ? formatted("%.1f", per_second) : "-";
}

std::string or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }

}  // namespace vdm::cli
