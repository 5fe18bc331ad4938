#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// What providers taught by a refusal: a member that a model does not take, for an hour. It holds
/// at most LessonsMax lessons; a new one replaces the oldest. A reload of the configuration keeps
/// them. Thread: any.
class LearnedFacts {
 public:
  static constexpr std::size_t LessonsMax = 1024;
  static constexpr std::chrono::hours Kept{1};

  struct Lesson {
    std::string provider;
    std::string model;
    std::string member;
    FactsRow facts{};
    MonotonicTime until{};
  };

  /// Remembers that `member` was refused and that a request made by `facts` was not.
  void learn(Lesson lesson, MonotonicTime now);

  /// Lays what was learned of the model at the provider over `facts`.
  void apply(std::string_view provider, std::string_view model, MonotonicTime now,
             ModelFacts& facts) const;

  /// The members that the model at the provider refused.
  std::vector<std::string> refused(std::string_view provider, std::string_view model,
                                   MonotonicTime now) const;

  /// All lessons that hold, sorted by provider, model and member.
  std::vector<Lesson> lessons(MonotonicTime now) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Lesson> lessons_;   ///< the oldest first
  std::atomic<bool> any_{false};  ///< so that a process that learned nothing takes no lock
};

}  // namespace vdm::proxy
