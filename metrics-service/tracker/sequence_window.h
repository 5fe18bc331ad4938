#pragma once

#include <cstdint>
#include <map>

namespace vdm::metrics {

/// The sequence numbers of one instance that have arrived: all up to a watermark, and ranges above
/// it while numbers are missing. With more than 1,024 ranges it gives up the oldest hole. Thread:
/// owner only.
class SequenceWindow {
 public:
  /// Marks `from` to `to` as arrived. Returns true when at least one of them is new.
  bool take(std::uint64_t from, std::uint64_t to);
  /// Takes everything up to `seq` as arrived, since it will never be sent.
  void start_after(std::uint64_t seq);

  std::uint64_t highest() const;
  /// How many numbers below the highest have not arrived.
  std::uint64_t missing() const;
  bool untouched() const { return watermark_ == 0 && above_.empty(); }

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.watermark_);
    archive(2, self.above_);
    archive(3, self.above_count_);
    archive(4, self.given_up_);
  }

 private:
  static constexpr std::size_t RangesMax = 1024;

  void absorb();

  std::uint64_t watermark_ = 0;
  std::map<std::uint64_t, std::uint64_t> above_;  ///< first -> last, disjoint, not adjacent
  std::uint64_t above_count_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace vdm::metrics
