#pragma once

namespace vdm::fakes {

/// Memory that runs out once: a program with failing_new.cc in it has an operator new of its own,
/// which throws std::bad_alloc where it is told to. Thread: any.

/// From now on this thread's allocations are counted.
void count_this_thread();
/// Of those that are counted from now on, the one with that number fails, from 0.
void fail_allocation(int number);
/// No other fails. Whether the one did.
bool stop_failing();

}  // namespace vdm::fakes
