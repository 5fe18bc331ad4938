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

/// What a host name leads to. It is empty when whoever asked did not wait for the answer.
struct NameAnswer {
  using Addresses = std::shared_ptr<const std::vector<boost::asio::ip::address>>;
  Addresses addresses{};  ///< in the order to try them; null, or at least one
  std::string fault{};    ///< why there are none
};

/// Asks the system, which can take as long as the name servers keep silent: not for an I/O
/// thread. Thread: any.
NameAnswer look_up_blocking(const std::string& host);

class NameClient;

/// Looks up host names for the whole process, on a few threads of its own, which are started
/// when there is something to look up and end when there is not. Whoever asks for a name that
/// is being looked up already waits for the same answer. When a look-up fails or takes long,
/// the last good addresses are used. A look-up that hangs keeps nobody from ending: its thread
/// is left behind. Thread: any, through a NameClient; it outlives them all.
class NameResolver {
 public:
  /// Look-ups at the same time. When all of them hang, further names wait for a thread: each
  /// request uses the name's last good addresses, or ends with its connect timeout.
  static constexpr std::size_t ThreadsMax = 4;
  /// Names that are remembered. The one that was not asked for longest makes room.
  static constexpr std::size_t NamesMax = 256;
  static constexpr std::chrono::seconds AnswerKept{30};
  /// A name that could not be looked up, or led to no connection, is not looked up again before.
  static constexpr std::chrono::seconds FailureKept{2};
  /// How long the last good addresses may serve; RFC 8767 proposes one to three days.
  static constexpr std::chrono::hours LastGoodKept{24};
  /// How long a look-up may take before the last good addresses are used meanwhile.
  static constexpr std::chrono::seconds Patience{1};

  explicit NameResolver(const Clock& clock);
  ~NameResolver();
  NameResolver(const NameResolver&) = delete;
  NameResolver& operator=(const NameResolver&) = delete;

  /// The names that are remembered or being looked up.
  std::size_t names() const;

 private:
  friend NameClient;
  struct State;

  /// Somebody who waits for a look-up. `client` is constant, the rest its I/O thread's.
  struct Waiter {
    NameClient* const client;
    WaitPoint* wait_point;
    std::optional<NameAnswer> answer{};
  };
  struct Asked {
    NameAnswer known;                  ///< the answer; the last good one while there is a waiter
    std::shared_ptr<Waiter> waiter{};  ///< null: there is nothing to wait for
    MonotonicTime patience_until{};
  };

  Asked ask(const std::string& host, NameClient& client);
  void leave(const std::string& host, const Waiter* waiter);
  void leave_all(const NameClient& client);
  void doubt(const std::string& host);
  void start_thread(const std::string& host);

  const std::shared_ptr<State> state_;  ///< the look-up threads hold it, too
};

/// One I/O thread's way to the process's NameResolver: answers are handed over on the thread
/// that asked. Throws std::system_error when there is no descriptor for it.
/// Thread: its IoThread; `resolve` resumes from Reactor::wait().
class NameClient final : private Reactor::Watched {
 public:
  NameClient(NameResolver& resolver, Reactor& reactor);
  ~NameClient();
  NameClient(const NameClient&) = delete;
  NameClient& operator=(const NameClient&) = delete;

  /// The addresses of `host`, which may be an address itself, or the fault; empty when the
  /// wait is over first. The wait point's deadline is `until` on return.
  Task<NameAnswer> resolve(const std::string& host, WaitPoint& wait_point, const MonotonicTime& now,
                           MonotonicTime until);
  /// No connection came about at the addresses of `host`: they may have changed.
  void doubt(const std::string& host) { resolver_.doubt(host); }

 private:
  friend NameResolver;
  using Delivery = std::pair<std::shared_ptr<NameResolver::Waiter>, NameAnswer>;

  /// Called by a look-up thread, and never once this client has left.
  void deliver(std::shared_ptr<NameResolver::Waiter> waiter, const NameAnswer& answer);
  void ready(std::uint32_t events) override;

  NameResolver& resolver_;
  Reactor& reactor_;
  Descriptor delivered_event_;
  std::mutex mutex_;
  std::vector<Delivery> delivered_;
};

}  // namespace vdm::proxy
