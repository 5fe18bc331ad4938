#include "tests/fakes/fake_name.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>

namespace vdm::fakes {

struct FakeName::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> addresses;
  bool held = false;
  int asked = 0;

  std::vector<std::string> look_up() {
    std::unique_lock lock(mutex);
    ++asked;
    changed.notify_all();
    changed.wait(lock, [this] { return !held; });
    return addresses;
  }
};

/// All FakeNames that exist at the moment.
struct FakeNames {
  using StatePtr = std::shared_ptr<FakeName::State>;
  static FakeNames& all() {
    static FakeNames* const names = new FakeNames;  // never deleted: a look-up may outlast main()
    return *names;
  }
  StatePtr find(const char* name) {
    const std::lock_guard lock(mutex);
    const auto found = name == nullptr ? by_name.end() : by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
  }

  std::mutex mutex;
  std::map<std::string, StatePtr> by_name;
};

FakeName::FakeName(std::string text) : text_(std::move(text)), state_(std::make_shared<State>()) {
  FakeNames& names = FakeNames::all();
  const std::lock_guard lock(names.mutex);
  names.by_name[text_] = state_;
}

FakeName::~FakeName() {
  let_go();
  FakeNames& names = FakeNames::all();
  const std::lock_guard lock(names.mutex);
  names.by_name.erase(text_);
}

void FakeName::lead_to(std::vector<std::string> addresses) {
  const std::lock_guard lock(state_->mutex);
  state_->addresses = std::move(addresses);
}

void FakeName::hold() {
  const std::lock_guard lock(state_->mutex);
  state_->held = true;
}

void FakeName::let_go() {
  const std::lock_guard lock(state_->mutex);
  state_->held = false;
  state_->changed.notify_all();
}

int FakeName::asked() const {
  const std::lock_guard lock(state_->mutex);
  return state_->asked;
}

void FakeName::wait_until_asked(int times) const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return state_->asked >= times; });
}

namespace {

using LookUp = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
LookUp system_look_up() {
  static const auto of_the_system = reinterpret_cast<LookUp>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return of_the_system;
}

/// freeaddrinfo() must be able to free the list, so the system's resolver makes it: one look-up per
/// numeric address, chained.
int list_of(const std::vector<std::string>& addresses, const char* service, const addrinfo* hints,
            addrinfo** result) {
  addrinfo** end = result;
  for (const std::string& address : addresses) {
    const int fault = system_look_up()(address.c_str(), service, hints, end);
    if (fault != 0) return fault;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return addresses.empty() ? EAI_NONAME : 0;
}

}  // namespace
}  // namespace vdm::fakes

// Replaces the C library's function in every program that links this file.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  if (const auto name = vdm::fakes::FakeNames::all().find(node)) {
    return vdm::fakes::list_of(name->look_up(), service, hints, result);
  }
  return vdm::fakes::system_look_up()(node, service, hints, result);
}
