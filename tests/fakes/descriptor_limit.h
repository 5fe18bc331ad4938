#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace vdm::fakes {

/// UBSan opens a pipe to look at memory, and reports as a fault what it cannot look at:
/// a test that leaves no descriptors is skipped where this is set.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitizerNeedsDescriptors = true;
#else
inline constexpr bool kSanitizerNeedsDescriptors = false;
#endif

/// While it lives this process is given no more than so many descriptors. Thread: its
/// owner's, and no other opens any.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(unsigned more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(STDERR_FILENO);  // the lowest that is free
    ::close(next);
    const rlimit limit{static_cast<rlim_t>(next) + more, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace vdm::fakes
