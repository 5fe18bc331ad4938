#pragma once

#include <utility>

#include "metrics-service/store/history_store.h"

namespace vdm::metrics {

/// Keeps no history: it reports every batch as committed at once, and a restart begins empty.
/// Thread: owner only.
class MemoryHistory final : public HistoryStore {
 public:
  explicit MemoryHistory(PostToOwner post) : post_(std::move(post)) {}

  AppendResult append(LogBatch, std::function<void()> on_committed) override {
    if (on_committed) post_(std::move(on_committed));
    return AppendResult::Accepted;
  }
  void resume(const std::string&) override {}
  void close() override {}
  std::vector<std::string> degraded() const override { return {}; }

 private:
  PostToOwner post_;
};

}  // namespace vdm::metrics
