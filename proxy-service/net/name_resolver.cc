#include "proxy-service/net/name_resolver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <system_error>
#include <thread>
#include <unordered_map>

#include <netdb.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/ip/tcp.hpp>

#include "common/base/log.h"

namespace vdm::proxy {
namespace {

namespace ip = boost::asio::ip;

ip::address address_of(const addrinfo& entry) {
  ip::tcp::endpoint endpoint;
  endpoint.resize(entry.ai_addrlen);
  std::memcpy(endpoint.data(), entry.ai_addr, entry.ai_addrlen);
  return endpoint.address();
}

}  // namespace

// We call the C library's getaddrinfo rather than a resolver of our own such as c-ares: it alone
// follows the whole configuration of the machine (nsswitch.conf, /etc/hosts, mDNS, systemd's and
// Docker's resolvers), so the proxy finds the same addresses as every other program. It blocks,
// which costs a thread during each look-up.
NameAnswer look_up_blocking(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int fault = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (fault == EAI_SYSTEM) return {.fault = std::generic_category().message(errno)};
  if (fault != 0) return {.fault = ::gai_strerror(fault)};
  std::vector<ip::address> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    addresses.push_back(address_of(*each));
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) return {.fault = "none found"};
  return {.addresses = std::make_shared<const std::vector<ip::address>>(std::move(addresses))};
}

/// What the look-up threads share with the resolver; a thread whose look-up hangs may be its
/// last owner. The mutex guards all of it; no thread holds it during a look-up.
struct NameResolver::State {
  struct Name {
    NameAnswer::Addresses last_good{};
    MonotonicTime good_at{};
    std::string fault{};  ///< of the last look-up; empty: it did not fail
    MonotonicTime answered_at{};
    MonotonicTime ask_again_at{};
    MonotonicTime asked_for_at{};   ///< by any session
    MonotonicTime looked_up_at{};   ///< when the look-up in flight began
    bool in_flight = false;         ///< queued, or being looked up
    bool serves_last_good = false;  ///< since the last look-up failed
    std::vector<std::shared_ptr<Waiter>> waiters{};

    NameAnswer answer(MonotonicTime now) const {
      // Even when the answer was that the name does not exist: Docker's and other local name
      // servers answer so while theirs are out of reach, and providers seldom give up a name.
      if (last_good && now - good_at < LastGoodKept) return {.addresses = last_good};
      return {.fault = fault};
    }
  };

  explicit State(const Clock& time) : clock(&time) {}

  Name* find_or_add(const std::string& host, MonotonicTime now);
  void settle(const std::string& host, NameAnswer found);
  void look_up_queued();

  std::mutex mutex;
  const Clock* clock;  ///< null: the resolver is destroyed, and all it referred to
  std::unordered_map<std::string, Name> names;
  std::deque<std::string> queue;
  std::size_t threads = 0;
};

NameResolver::State::Name* NameResolver::State::find_or_add(const std::string& host,
                                                            MonotonicTime now) {
  const auto known = names.find(host);
  if (known != names.end()) return &known->second;
  std::erase_if(names, [now](const auto& each) {
    return !each.second.in_flight && now - each.second.asked_for_at >= LastGoodKept;
  });
  if (names.size() >= NamesMax) {
    const auto oldest = std::ranges::min_element(names, {}, [](const auto& each) {
      return each.second.in_flight ? MonotonicTime::max() : each.second.asked_for_at;
    });
    if (oldest->second.in_flight) return nullptr;
    names.erase(oldest);
  }
  return &names[host];
}

void NameResolver::State::settle(const std::string& host, NameAnswer found) {
  Name& name = names.find(host)->second;  // find_or_add() drops none in flight
  const MonotonicTime now = clock->monotonic();
  const bool failed = !found.addresses;
  if (!failed) {
    name.last_good = std::move(found.addresses);
    name.good_at = now;
  }
  name.fault = std::move(found.fault);
  name.answered_at = now;
  name.ask_again_at = now + (failed ? FailureKept : AnswerKept);
  name.in_flight = false;
  const NameAnswer answer = name.answer(now);
  const bool serves_last_good = failed && answer.addresses;
  if (serves_last_good && !name.serves_last_good) {
    log::warning("a name cannot be looked up; its last good address is used",
                 {{"name", host}, {"fault", name.fault}});
  }
  if (!failed && name.serves_last_good)
    log::info("a name can be looked up again", {{"name", host}});
  name.serves_last_good = serves_last_good;
  for (auto& waiter : std::exchange(name.waiters, {})) {
    NameClient& client = *waiter->client;
    client.deliver(std::move(waiter), answer);
  }
}

void NameResolver::State::look_up_queued() {
  std::unique_lock lock(mutex);
  while (clock != nullptr && !queue.empty()) {
    const std::string host = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    NameAnswer found = look_up_blocking(host);
    lock.lock();
    if (clock != nullptr) settle(host, std::move(found));
  }
  --threads;
}

NameResolver::NameResolver(const Clock& clock) : state_(std::make_shared<State>(clock)) {}

NameResolver::~NameResolver() {
  const std::lock_guard lock(state_->mutex);
  state_->clock = nullptr;
}

std::size_t NameResolver::names() const {
  const std::lock_guard lock(state_->mutex);
  return state_->names.size();
}

NameResolver::Lookup NameResolver::ask(const std::string& host, NameClient& client) {
  const std::lock_guard lock(state_->mutex);
  const MonotonicTime now = state_->clock->monotonic();
  State::Name* const name = state_->find_or_add(host, now);
  if (name == nullptr) return {.known = {.fault = "too many names are being looked up"}};
  name->asked_for_at = now;
  if (!name->in_flight && now >= name->ask_again_at) {
    name->in_flight = true;
    name->looked_up_at = now;
    state_->queue.push_back(host);
    start_thread(host);
  }
  Lookup lookup{.known = name->answer(now), .wait_until = name->looked_up_at + WaitMax};
  const bool is_known = lookup.known.addresses && now >= lookup.wait_until;
  if (!name->in_flight || is_known) return lookup;
  lookup.waiter = std::make_shared<Waiter>(Waiter{.client = &client, .wait_point = nullptr});
  name->waiters.push_back(lookup.waiter);
  return lookup;
}

/// Starts one more look-up thread, unless there are ThreadsMax; `host` was queued last.
void NameResolver::start_thread(const std::string& host) {
  if (state_->threads == ThreadsMax) return;
  try {
    std::thread([state = state_] { state->look_up_queued(); }).detach();
    ++state_->threads;
  } catch (const std::system_error& error) {
    if (state_->threads > 0) return;  // a running one will take it
    state_->queue.pop_back();
    state_->settle(host, {.fault = std::string("no thread for it: ") + error.what()});
  }
}

void NameResolver::leave(const std::string& host, const Waiter* waiter) {
  const std::lock_guard lock(state_->mutex);
  const auto name = state_->names.find(host);
  if (name == state_->names.end()) return;
  std::erase_if(name->second.waiters, [waiter](const auto& each) { return each.get() == waiter; });
}

void NameResolver::leave_all(const NameClient& client) {
  const std::lock_guard lock(state_->mutex);
  for (auto& [host, name] : state_->names) {
    std::erase_if(name.waiters, [&client](const auto& each) { return each->client == &client; });
  }
}

void NameResolver::mark_stale(const std::string& host) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->names.find(host);
  if (found == state_->names.end()) return;
  State::Name& name = found->second;
  name.ask_again_at = std::min(name.ask_again_at, name.answered_at + FailureKept);
}

NameClient::NameClient(NameResolver& resolver, Reactor& reactor)
    : resolver_(resolver),
      reactor_(reactor),
      delivered_event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!delivered_event_.is_open() || !reactor_.add(delivered_event_.get(), *this)) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
}

NameClient::~NameClient() {
  resolver_.leave_all(*this);
  reactor_.forget(*this);
}

Task<NameAnswer> NameClient::resolve(const std::string& host, WaitPoint& wait_point,
                                     const MonotonicTime& now, MonotonicTime until) {
  wait_point.set_deadline(until);
  boost::system::error_code not_an_address;
  const auto address = ip::make_address(host, not_an_address);
  if (!not_an_address) {
    co_return NameAnswer{.addresses = std::make_shared<const std::vector<ip::address>>(1, address)};
  }
  NameResolver::Lookup lookup = resolver_.ask(host, *this);
  if (!lookup.waiter) co_return std::move(lookup.known);

  lookup.waiter->wait_point = &wait_point;
  struct Leaving {
    NameResolver& resolver;
    const std::string& host;
    NameResolver::Waiter& waiter;
    ~Leaving() {
      waiter.wait_point = nullptr;
      if (!waiter.answer) resolver.leave(host, &waiter);
    }
  };
  const Leaving leaving{resolver_, host, *lookup.waiter};
  const bool has_last_good = lookup.known.addresses != nullptr;
  // Leaves half of the time for connecting.
  if (has_last_good) {
    wait_point.set_deadline(std::min(lookup.wait_until, now + (until - now) / 2));
  }
  while (!lookup.waiter->answer && !wait_point.over()) co_await wait_point.wait();
  if (has_last_good) wait_point.set_deadline(until);
  if (wait_point.over()) co_return NameAnswer{};
  co_return lookup.waiter->answer ? std::move(*lookup.waiter->answer) : std::move(lookup.known);
}

void NameClient::deliver(std::shared_ptr<NameResolver::Waiter> waiter, const NameAnswer& answer) {
  {
    const std::lock_guard lock(mutex_);
    delivered_.emplace_back(std::move(waiter), answer);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(delivered_event_.get(), &one, sizeof one);
}

void NameClient::ready(std::uint32_t) {
  std::uint64_t count = 0;
  if (::read(delivered_event_.get(), &count, sizeof count) != sizeof count) return;
  std::vector<Delivery> delivered;
  {
    const std::lock_guard lock(mutex_);
    delivered.swap(delivered_);
  }
  // A session that is woken may end others that still wait for their delivery here.
  for (auto& [waiter, answer] : delivered) {
    waiter->answer = std::move(answer);
    if (waiter->wait_point != nullptr) waiter->wait_point->wake();
  }
}

}  // namespace vdm::proxy
