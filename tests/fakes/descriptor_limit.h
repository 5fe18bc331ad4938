#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace vdm::fakes {

/// UBSan opens a pipe to check memory and reports a fault when it cannot. A test that uses up all
/// descriptors is skipped where this is set.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitizerNeedsDescriptors = true;
#else
inline constexpr bool kSanitizerNeedsDescriptors = false;
#endif

/// While it lives, this process can open at most `more` descriptors. Thread: its owner's; no other
/// thread may open descriptors meanwhile.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(unsigned more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(STDERR_FILENO);  // the lowest free number
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
