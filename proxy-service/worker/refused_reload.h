#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"

namespace vdm::proxy {

/// Why the configuration that was read last was not taken; nothing once one is. For those who look
/// from outside. Thread: any.
class RefusedReload {
 public:
  struct Facts {
    SystemTime at;
    std::vector<std::string> faults;  ///< each names a setting; no secret is in them
  };

  void note(Facts facts) {
    const std::lock_guard lock(mutex_);
    facts_ = std::move(facts);
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    facts_.reset();
  }
  std::optional<Facts> facts() const {
    const std::lock_guard lock(mutex_);
    return facts_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Facts> facts_;
};

}  // namespace vdm::proxy
