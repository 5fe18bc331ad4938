#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vdm::metrics {

/// The place in the log up to which a reader has been told, as text: "epoch-revision-told". Plain
/// data.
struct Cursor {
  std::string epoch;
  std::uint64_t revision = 0;
  /// How many events the log had told up to there; nothing in a cursor of an earlier release.
  std::optional<std::uint64_t> told = {};

  std::string text() const;
  static std::optional<Cursor> parse(std::string_view text);
};

}  // namespace vdm::metrics
