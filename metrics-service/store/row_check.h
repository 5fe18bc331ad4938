#pragma once

#include <cstdint>
#include <string_view>

namespace vdm::metrics {

/// A hash over the values of a row, in their order, which is kept in the row: a bit that flips on
/// disk shows. Never changes: files have it. Pure.
class RowCheck {
 public:
  void null() { byte(0); }
  void number(std::int64_t value) {
    byte(1);
    for (int i = 0; i < 8; ++i) byte(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    for (const char c : value) byte(static_cast<std::uint8_t>(c));
  }

  /// As SQLite keeps it.
  std::int64_t value() const { return static_cast<std::int64_t>(hash_); }

 private:
  /// FNV-1a.
  void byte(std::uint8_t value) { hash_ = (hash_ ^ value) * 0x100000001b3ull; }

  std::uint64_t hash_ = 0xcbf29ce484222325ull;
};

}  // namespace vdm::metrics
