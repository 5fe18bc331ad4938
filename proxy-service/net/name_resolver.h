#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "common/base/clock.h"
#include "proxy-service/net/descriptor.h"
#include "proxy-service/net/reactor.h"
#include "proxy-service/net/task.h"
#include "proxy-service/net/wait_point.h"

namespace vdm::proxy {

/// The addresses of a host name, or why there are none. Both are empty when the session stopped
/// waiting before the answer came.
struct NameAnswer {
  using Addresses = std::shared_ptr<const std::vector<boost::asio::ip::address>>;
  Addresses addresses{};  ///< in the order to try them; null, or at least one
  std::string fault{};    ///< why there are none
};

/// Looks up `host` with the system's resolver, and blocks until the name servers answer or time
/// out: an I/O thread must not call it. Thread: any.
NameAnswer look_up_blocking(const std::string& host);

class NameClient;

/// Looks up host names for the whole process, on a few threads of its own, which it starts when
/// there is something to look up and which end when there is not. Sessions that ask for the same
/// name wait for one look-up. When that fails or takes long, the resolver answers with the last
/// good addresses. A look-up that hangs does not delay the process's end: its thread is
/// detached. Thread: any, through a NameClient; it outlives all of them.
class NameResolver {
 public:
  /// Look-ups at the same time. When all of them hang, further names wait for a thread; a
  /// request then uses its name's last good addresses, or ends with its connect timeout.
  static constexpr std::size_t ThreadsMax = 4;
  /// Names that it remembers. A new name replaces the one that no session asked for longest.
  static constexpr std::size_t NamesMax = 256;
  static constexpr std::chrono::seconds AnswerKept{30};
  /// How long a name that failed, or led to no connection, is not looked up again.
  static constexpr std::chrono::seconds FailureKept{2};
  /// How long the last good addresses may be used; RFC 8767 proposes one to three days.
  static constexpr std::chrono::hours LastGoodKept{24};
  /// How long sessions wait for a look-up before they use the last good addresses.
  static constexpr std::chrono::seconds WaitMax{1};

  explicit NameResolver(const Clock& clock);
  ~NameResolver();
  NameResolver(const NameResolver&) = delete;
  NameResolver& operator=(const NameResolver&) = delete;

  /// How many names are remembered or being looked up.
  std::size_t names() const;

 private:
  friend NameClient;
  struct State;

  /// A session that waits for a look-up. `client` is constant; its I/O thread owns the rest.
  struct Waiter {
    NameClient* const client;
    WaitPoint* wait_point;
    std::optional<NameAnswer> answer{};
  };
  struct Lookup {
    NameAnswer known;                  ///< the answer; with a waiter, the last good one
    std::shared_ptr<Waiter> waiter{};  ///< null: nothing to wait for
    MonotonicTime wait_until{};
  };

  Lookup ask(const std::string& host, NameClient& client);
  void leave(const std::string& host, const Waiter* waiter);
  void leave_all(const NameClient& client);
  void mark_stale(const std::string& host);
  void start_thread(const std::string& host);

  const std::shared_ptr<State> state_;  ///< the look-up threads own it, too
};

/// One I/O thread's access to the process's NameResolver: it delivers each answer on the thread
/// that asked. Throws std::system_error when the kernel has no descriptor for it.
/// Thread: its IoThread; Reactor::wait() resumes `resolve`.
class NameClient final : private Reactor::Watched {
 public:
  NameClient(NameResolver& resolver, Reactor& reactor);
  ~NameClient();
  NameClient(const NameClient&) = delete;
  NameClient& operator=(const NameClient&) = delete;

  /// Returns the addresses of `host` (a name or an address), or the fault; empty when the wait
  /// point is over first. On return the wait point's deadline is `until`.
  Task<NameAnswer> resolve(const std::string& host, WaitPoint& wait_point, const MonotonicTime& now,
                           MonotonicTime until);
  /// Call it when no connection succeeded at the addresses of `host`: they may have changed.
  void mark_stale(const std::string& host) { resolver_.mark_stale(host); }

 private:
  friend NameResolver;
  using Delivery = std::pair<std::shared_ptr<NameResolver::Waiter>, NameAnswer>;

  /// Called by a look-up thread, never after this client's destructor.
  void deliver(std::shared_ptr<NameResolver::Waiter> waiter, const NameAnswer& answer);
  void ready(std::uint32_t events) override;

  NameResolver& resolver_;
  Reactor& reactor_;
  Descriptor delivered_event_;
  std::mutex mutex_;
  std::vector<Delivery> delivered_;
};

}  // namespace vdm::proxy
