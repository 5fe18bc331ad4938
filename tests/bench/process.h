#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace vdm::bench {

/// CPU time that all threads of these processes have used, to the nanosecond.
std::chrono::nanoseconds cpu_used(const std::vector<pid_t>& processes);

/// Resident memory of these processes, in bytes.
std::uint64_t resident_bytes(const std::vector<pid_t>& processes);

}  // namespace vdm::bench
