#include "metrics-service/tracker/sequence_window.h"

#include <algorithm>

namespace vdm::metrics {

bool SequenceWindow::take(std::uint64_t from, std::uint64_t to) {
  from = std::max(from, watermark_ + 1);
  if (from > to) return false;
  if (above_.empty() && from == watermark_ + 1) {  // the usual case: the numbers arrive in order
    watermark_ = to;
    return true;
  }

  std::uint64_t first = from;
  std::uint64_t last = to;
  std::uint64_t known = 0;   // numbers in the ranges that the new one overlaps
  std::uint64_t repeat = 0;  // numbers of the new range that had arrived before
  auto range = above_.upper_bound(from);
  if (range != above_.begin() && std::prev(range)->second + 1 >= from) --range;
  while (range != above_.end() && range->first <= to + 1) {
    const auto [begin, end] = *range;
    known += end - begin + 1;
    const std::uint64_t low = std::max(begin, from);
    const std::uint64_t high = std::min(end, to);
    if (low <= high) repeat += high - low + 1;
    first = std::min(first, begin);
    last = std::max(last, end);
    range = above_.erase(range);
  }
  above_.emplace(first, last);
  above_count_ += (last - first + 1) - known;
  absorb();
  return repeat < to - from + 1;
}

void SequenceWindow::start_after(std::uint64_t seq) {
  if (seq <= watermark_) return;
  watermark_ = seq;
  while (!above_.empty() && above_.begin()->first <= watermark_) {
    const auto [begin, end] = *above_.begin();
    above_.erase(above_.begin());
    above_count_ -= end - begin + 1;
    watermark_ = std::max(watermark_, end);
  }
  absorb();
}

void SequenceWindow::absorb() {
  if (above_.size() > RangesMax) {
    given_up_ += above_.begin()->first - watermark_ - 1;
    watermark_ = above_.begin()->first - 1;
  }
  while (!above_.empty() && above_.begin()->first == watermark_ + 1) {
    const auto [begin, end] = *above_.begin();
    above_.erase(above_.begin());
    above_count_ -= end - begin + 1;
    watermark_ = end;
  }
}

std::uint64_t SequenceWindow::highest() const {
  return above_.empty() ? watermark_ : above_.rbegin()->second;
}

std::uint64_t SequenceWindow::missing() const {
  return given_up_ + (highest() - watermark_ - above_count_);
}

}  // namespace vdm::metrics
