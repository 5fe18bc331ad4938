#include "tests/fakes/peer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/text.h"

namespace vdm::fakes {
namespace {

constexpr int PatienceMs = 10'000;

}  // namespace

std::optional<std::string> Message::field(std::string_view name) const {
  const std::string all = lower(head);
  const std::size_t at = all.find("\r\n" + std::string(name) + ":");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = head.find_first_not_of(' ', at + 3 + name.size());
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

int Message::status() const { return head.size() > 12 ? std::atoi(head.substr(9, 3).c_str()) : 0; }

Peer Peer::connect(std::uint16_t port, int receive_buffer) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) {
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    return Peer(-1);
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return Peer(descriptor);
}

Peer::Peer(Peer&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), ahead_(std::move(other.ahead_)) {}

Peer& Peer::operator=(Peer&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    ahead_ = std::move(other.ahead_);
  }
  return *this;
}

bool Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Peer::send_byte_by_byte(std::string_view bytes) {
  return std::ranges::all_of(bytes, [this](const char& c) { return send({&c, 1}); });
}

bool Peer::fill() {
  pollfd ready{descriptor_, POLLIN, 0};
  if (::poll(&ready, 1, PatienceMs) <= 0) return false;
  char bytes[16 * 1024];
  const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  ahead_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

Message Peer::read_message(bool head_only) {
  Message message;
  std::size_t end = 0;
  while ((end = ahead_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return message;
  }
  message.head = ahead_.substr(0, end + 4);
  ahead_.erase(0, end + 4);
  if (head_only || message.status() == 204 || message.status() == 304) {
    message.complete = true;
    return message;
  }
  if (const auto length = message.field("content-length")) {
    const std::size_t size = std::stoul(*length);
    while (ahead_.size() < size) {
      if (!fill()) break;
    }
    message.complete = ahead_.size() >= size;
    message.body = ahead_.substr(0, size);
    ahead_.erase(0, message.body.size());
    return message;
  }
  if (!message.field("transfer-encoding")) {
    const bool request = !message.head.starts_with("HTTP/");
    if (!request) {
      while (fill()) {
      }
      message.body = std::exchange(ahead_, {});
    }
    message.complete = true;
    return message;
  }
  for (;;) {
    std::size_t line = 0;
    while ((line = ahead_.find("\r\n")) == std::string::npos) {
      if (!fill()) return message;
    }
    const std::size_t size = std::stoul(ahead_, nullptr, 16);
    while (ahead_.size() < line + 2 + size + 2) {
      if (!fill()) return message;
    }
    message.body.append(ahead_, line + 2, size);
    ahead_.erase(0, line + 2 + size + 2);
    if (size == 0) break;
  }
  message.complete = true;
  return message;
}

std::string Peer::read_some() {
  if (ahead_.empty()) fill();
  return std::exchange(ahead_, {});
}

std::string Peer::read_to_end() {
  while (fill()) {
  }
  return std::exchange(ahead_, {});
}

bool Peer::sees_close_within(int milliseconds) {
  for (;;) {
    pollfd ready{descriptor_, POLLIN, 0};
    if (::poll(&ready, 1, milliseconds) <= 0) return false;
    char bytes[16 * 1024];
    if (::recv(descriptor_, bytes, sizeof bytes, 0) <= 0) return true;
  }
}

void Peer::shutdown_send() { ::shutdown(descriptor_, SHUT_WR); }

void Peer::close() {
  if (descriptor_ < 0) return;
  // Ends the connection even where the descriptor has a duplicate.
  ::shutdown(descriptor_, SHUT_RDWR);
  ::close(std::exchange(descriptor_, -1));
}

void Peer::reset() {
  // Connecting to AF_UNSPEC aborts the connection, even where the descriptor has a duplicate.
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  ::connect(descriptor_, &nowhere, sizeof nowhere);
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace vdm::fakes
