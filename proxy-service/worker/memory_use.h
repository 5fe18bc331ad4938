#pragma once

#include <string>

namespace vdm::proxy {

/// How much of the memory that it may have this process uses. In a control group with a limit that
/// is what the group uses, page cache that the kernel can drop left out, of the group's limit; else
/// this process's resident memory, of the machine's. Thread: any, one at a time.
class MemoryUse {
 public:
  /// `group`: the control group's folder; empty: this process's own.
  explicit MemoryUse(std::string group = "");

  /// From 0; 0 when the system does not say. Reads two small files of the kernel's.
  double read() const;

 private:
  std::string group_;  ///< empty: it has no limit
  double limit_bytes_ = 0;
};

}  // namespace vdm::proxy
