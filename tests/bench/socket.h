#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace vdm::bench {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

/// A file descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int value) : value_(value) {}
  Fd(Fd&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { close(); }

  int get() const { return value_; }
  bool open() const { return value_ >= 0; }
  void close();

 private:
  int value_ = -1;
};

/// Both use loopback only, as all programs here do. When the system refuses, both end the process
/// with a message: a measurement that cannot start has nothing to recover.
Fd listen_on(std::uint16_t port);
/// Non-blocking, with TCP_NODELAY. The Fd is not open when the connection is refused at once.
Fd connect_to(std::uint16_t port);
Fd accept_from(const Fd& listener);
std::uint16_t port_of(const Fd& listener);

/// Sends from the front of `text` and removes what it sent. Returns false when the peer has closed.
bool send_some(const Fd& fd, std::string_view& text);

enum class Received { Bytes, WouldBlock, Closed };
/// Receives once into `buffer` and sets `size`.
Received receive_some(const Fd& fd, std::span<char> buffer, std::size_t& size);

/// Edge-triggered readiness of sockets, and one timer.
class Poll {
 public:
  Poll();
  /// Each event of this socket carries `who`.
  void add(const Fd& fd, void* who);
  /// Waits until a socket is ready or `until` has come (Time::max(): one second at most), and
  /// returns the events.
  std::span<const epoll_event> wait(Time until);

 private:
  Fd epoll_;
  Fd timer_;
  Time timer_at_{};
  std::array<epoll_event, 256> events_;
};

[[noreturn]] void give_up(const std::string& what);

}  // namespace vdm::bench
