#include "tests/bench/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace vdm::bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void send_at_once(const Fd& fd) {
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

void give_up(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    value_ = std::exchange(other.value_, -1);
  }
  return *this;
}

void Fd::close() {
  if (value_ >= 0) ::close(std::exchange(value_, -1));
}

Fd listen_on(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), 4096) != 0) {
    give_up("cannot listen on 127.0.0.1:" + std::to_string(port));
  }
  return fd;
}

Fd connect_to(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.open()) give_up("cannot open a socket");
  send_at_once(fd);
  const sockaddr_in address = loopback(port);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    return {};
  }
  return fd;
}

Fd accept_from(const Fd& listener) {
  Fd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd.open()) send_at_once(fd);
  return fd;
}

std::uint16_t port_of(const Fd& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

bool send_some(const Fd& fd, std::string_view& text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    // A socket that is not connected yet counts as full: epoll reports when it can be written.
    if (sent < 0) return errno == EAGAIN || errno == ENOTCONN;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Received receive_some(const Fd& fd, std::span<char> buffer, std::size_t& size) {
  const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
  if (got > 0) {
    size = static_cast<std::size_t>(got);
    return Received::Bytes;
  }
  const bool later = got < 0 && (errno == EAGAIN || errno == ENOTCONN);
  return later ? Received::WouldBlock : Received::Closed;
}

Poll::Poll()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (!epoll_.open() || !timer_.open()) give_up("cannot create epoll and timer");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = this;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, timer_.get(), &event);
}

void Poll::add(const Fd& fd, void* who) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = who;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event);
}

std::span<const epoll_event> Poll::wait(Time until) {
  if (until != timer_at_ && until != Time::max()) {
    timer_at_ = until;
    const auto at =
        std::max<std::chrono::nanoseconds>(until.time_since_epoch(), std::chrono::nanoseconds(1));
    itimerspec spec{};
    spec.it_value.tv_sec = static_cast<time_t>(at.count() / 1'000'000'000);
    spec.it_value.tv_nsec = static_cast<long>(at.count() % 1'000'000'000);
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
  }
  const int count =
      ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), 1000);
  std::size_t kept = 0;
  for (int i = 0; i < count; ++i) {
    const auto& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == this) {
      // the timer is one-shot: the next wait sets it again
      timer_at_ = {};
    } else {
      events_[kept++] = event;
    }
  }
  return {events_.data(), kept};
}

}  // namespace vdm::bench
