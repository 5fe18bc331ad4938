#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace vdm::metrics {

/// The last N values, newest first. Thread: owner only.
template <class T>
class Recent {
 public:
  explicit Recent(std::size_t max) : max_(max) {}

  void add(std::shared_ptr<const T> item) {
    items_.push_front(std::move(item));
    if (items_.size() > max_) items_.pop_back();
  }

  template <class Matches>
  void remove_first(Matches&& matches) {
    for (auto item = items_.begin(); item != items_.end(); ++item) {
      if (!matches(**item)) continue;
      items_.erase(item);
      return;
    }
  }

  /// At most `limit` values, newest first, up to the first for which `wanted` is false.
  template <class Wanted>
  std::vector<std::shared_ptr<const T>> take_while(std::size_t limit, Wanted&& wanted) const {
    std::vector<std::shared_ptr<const T>> taken;
    for (const auto& item : items_) {
      if (taken.size() >= limit || !wanted(*item)) break;
      taken.push_back(item);
    }
    return taken;
  }

  /// All values, newest first.
  const std::deque<std::shared_ptr<const T>>& items() const { return items_; }
  void replace(std::deque<std::shared_ptr<const T>> items) {
    items_ = std::move(items);
    if (items_.size() > max_) items_.resize(max_);
  }

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.items_);
    if constexpr (!std::is_const_v<Self>) self.replace(std::move(self.items_));
  }

 private:
  std::size_t max_;
  std::deque<std::shared_ptr<const T>> items_;
};

}  // namespace vdm::metrics
