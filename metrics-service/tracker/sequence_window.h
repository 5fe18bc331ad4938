#pragma once

#include <cstdint>
#include <map>

namespace vdm::metrics {

/// Which sequence numbers of one instance have come. All up to a watermark, and ranges above it
/// while some are missing; with more than 1,024 ranges the oldest hole is given
/// up. Thread: owner only.
class SequenceWindow {
 public:
  /// Marks `from` to `to` as come. True: at least one of them was not.
  bool take(std::uint64_t from, std::uint64_t to);
  /// Everything up to `seq` has come, or will never be told.
  void start_after(std::uint64_t seq);

  std::uint64_t highest() const;
  /// Numbers below the highest that have not come.
  std::uint64_t missing() const;
  bool untouched() const { return watermark_ == 0 && above_.empty(); }

 private:
  static constexpr std::size_t RangesMax = 1024;

  void absorb();

  std::uint64_t watermark_ = 0;
  std::map<std::uint64_t, std::uint64_t> above_;  ///< first -> last, disjoint, not adjacent
  std::uint64_t above_count_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace vdm::metrics
