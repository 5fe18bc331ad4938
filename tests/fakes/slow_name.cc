#include "tests/fakes/slow_name.h"

#include <condition_variable>
#include <mutex>
#include <string_view>

#include <dlfcn.h>
#include <netdb.h>

namespace vdm::fakes {
namespace {

constexpr const char* Name = "slow.invalid";

struct State {
  std::mutex mutex;
  std::condition_variable changed;
  bool held = false;
  bool asked = false;
};

State& state() {
  static State shared;
  return shared;
}

void look_up_slowly() {
  State& slow = state();
  std::unique_lock lock(slow.mutex);
  slow.asked = true;
  slow.changed.notify_all();
  slow.changed.wait(lock, [&] { return !slow.held; });
}

}  // namespace

SlowName::SlowName() {
  const std::lock_guard lock(state().mutex);
  state().held = true;
  state().asked = false;
}

SlowName::~SlowName() { let_go(); }

std::string SlowName::text() const { return Name; }

void SlowName::wait_until_asked() {
  std::unique_lock lock(state().mutex);
  state().changed.wait(lock, [] { return state().asked; });
}

void SlowName::let_go() {
  const std::lock_guard lock(state().mutex);
  state().held = false;
  state().changed.notify_all();
}

}  // namespace vdm::fakes

// In place of the C library's, for the program it is linked to; every other name goes there.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  if (node != nullptr && std::string_view(node) == vdm::fakes::Name) {
    vdm::fakes::look_up_slowly();
    return EAI_NONAME;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto of_the_system = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return of_the_system(node, service, hints, result);
}
