#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <type_traits>

#include <absl/container/flat_hash_set.h>

#include "common/base/digest.h"

namespace vdm::metrics {

/// The last N ids whose requests can no longer change, as 64-bit hashes. Thread: owner only.
class ClosedIds {
 public:
  explicit ClosedIds(std::size_t max) : max_(max) {}

  void add(std::string_view id) {
    const std::uint64_t hash = fnv1a_64(id);
    if (!known_.insert(hash).second) return;
    order_.push_back(hash);
    if (order_.size() <= max_) return;
    known_.erase(order_.front());
    order_.pop_front();
  }
  bool contains(std::string_view id) const { return known_.contains(fnv1a_64(id)); }

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.order_);
    if constexpr (!std::is_const_v<Self>) {
      while (self.order_.size() > self.max_) self.order_.pop_front();
      self.known_ = {self.order_.begin(), self.order_.end()};
    }
  }

 private:
  std::size_t max_;
  absl::flat_hash_set<std::uint64_t> known_;
  std::deque<std::uint64_t> order_;
};

}  // namespace vdm::metrics
