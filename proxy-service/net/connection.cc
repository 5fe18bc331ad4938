#include "proxy-service/net/connection.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <boost/asio/error.hpp>

namespace vdm::proxy {
namespace {

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

// Receiving and sending call the kernel directly. The C library's functions are points of thread
// cancellation, which we do not use and which cost two more atomic operations per call.

bool is_empty(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

void send_at_once(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Connection::Connection(Reactor& reactor, ReadBuffer& read_buffer)
    : reactor_(reactor),
      read_buffer_(read_buffer),
      buffer_(std::make_unique_for_overwrite<char[]>(SmallBytes)) {}

Connection::Connection(Descriptor socket, Reactor& reactor, ReadBuffer& read_buffer)
    : Connection(reactor, read_buffer) {
  socket_ = std::move(socket);
  send_at_once(socket_.get());
  watch();
}

void Connection::watch() {
  if (!reactor_.add(socket_.get(), *this)) set_ended(last_error());
}

void Connection::attach(WaitPoint* wait_point, Interrupt on_end) {
  wait_point_ = wait_point;
  on_end_ = on_end;
  on_event_ = nullptr;
}

void Connection::detach(std::function<void()> event) {
  wait_point_ = nullptr;
  on_event_ = std::move(event);
}

void Connection::notify() {
  // Either call may destroy this connection: nothing may follow it.
  if (wait_point_ != nullptr) {
    if (ended_ && on_end_ != Interrupt::None) {
      wait_point_->interrupt(on_end_);
    } else {
      wait_point_->wake();
    }
  } else if (on_event_) {
    const auto event = on_event_;
    event();
  }
}

/// Wakes the session once, even when it can both read and write now.
void Connection::ready(std::uint32_t events) {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) end_ahead_ = true;
  readable_ = readable_ || end_ahead_ || (events & EPOLLIN) != 0;
  // A peer that sends or closes right after accepting is reported in the same change.
  if (connecting_) return on_connected();
  const bool written = writing_ && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
  if (written) writing_ = false;
  const bool read = reading_ && readable_ && read_pending();
  if (written || read) notify();
}

/// False when no bytes were there after all; the read stays pending.
bool Connection::read_pending() {
  if (tls_) {
    reading_ = readable_ = false;  // OpenSSL reads until the socket is empty, and reports an end
    tls_ready_ = true;
    return true;
  }
  const ssize_t got = receive(buffer_.get() + end_, capacity_ - end_);
  if (got < 0) return false;
  reading_ = false;
  end_ += static_cast<std::size_t>(got);
  filled_ = end_ == capacity_;
  try {
    if (keep_reading_) arm();
  } catch (const std::bad_alloc&) {
    set_ended(asio::error::no_memory);  // whoever waits is told, and nobody else is concerned
  }
  return true;
}

/// Reads once. A result below `size` means that the socket is empty, unless the peer's end
/// follows. -1: no bytes have arrived. 0: the connection has ended, and set_ended() was called.
ssize_t Connection::receive(char* to, std::size_t size) {
  ssize_t got = 0;
  do {
    got = ::syscall(SYS_recvfrom, socket_.get(), to, size, MSG_DONTWAIT, nullptr, nullptr);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && is_empty(errno)) {
    readable_ = false;
    return -1;
  }
  if (got <= 0) {
    set_ended(got == 0 ? boost::system::error_code(asio::error::eof) : last_error());
    return 0;
  }
  readable_ = static_cast<std::size_t>(got) == size || end_ahead_;
  return got;
}

void Connection::set_ended(const boost::system::error_code& why) {
  ended_ = true;
  error_ = why;
}

void Connection::arm() {
  if (reading_ || ended_) return;
  if (tls_ ? tls_ready_ : !has_room()) return;
  // What has come already brings no change of its own.
  if (readable_) reactor_.defer(*this, EPOLLIN);
  reading_ = true;
}

/// Moves the unread bytes to the buffer's beginning when there is no room behind them.
bool Connection::has_room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ < capacity_) return true;
  if (begin_ == 0) return false;
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  return true;
}

void Connection::make_room(std::size_t bytes) {
  assert(!reading_);  // a pending read holds the buffer's address
  if (bytes <= capacity_) return;
  auto larger = std::make_unique_for_overwrite<char[]>(bytes);
  std::memcpy(larger.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  buffer_ = std::move(larger);
  capacity_ = bytes;
}

void Connection::shrink() {
  if (capacity_ == SmallBytes || reading_ || begin_ != end_) return;
  buffer_ = std::make_unique_for_overwrite<char[]>(SmallBytes);
  capacity_ = SmallBytes;
  begin_ = end_ = 0;
}

void Connection::pull() {
  while (tls_ && tls_ready_ && !ended_ && has_room()) {
    std::size_t got = 0;
    const TlsLayer::Step step = tls_->read(buffer_.get() + end_, capacity_ - end_, got);
    if (step == TlsLayer::Step::Done) {
      end_ += got;
    } else {
      end_tls_read(step);
    }
  }
}

void Connection::end_tls_read(TlsLayer::Step step) {
  tls_ready_ = false;
  if (step == TlsLayer::Step::Ended) set_ended(asio::error::eof);
  if (step == TlsLayer::Step::Failed) set_ended(asio::error::connection_reset);
}

void Connection::put_back(std::string_view bytes) {
  assert(!reading_ && begin_ == end_);  // else the bytes' order would change
  begin_ = end_ = 0;
  make_room(bytes.size());
  std::memcpy(buffer_.get(), bytes.data(), bytes.size());
  end_ = bytes.size();
}

std::size_t Connection::read_more(char* to, std::size_t size) {
  std::size_t total = 0;
  while (total < size && readable_ && !ended_) {
    const ssize_t got = receive(to + total, size - total);
    if (got > 0) total += static_cast<std::size_t>(got);
  }
  return total;
}

std::span<char> Connection::take() {
  if (tls_) return take_tls();
  const std::size_t size = end_ - begin_;
  char* const bytes = buffer_.get() + begin_;
  if (size == 0) return {};
  begin_ = end_ = 0;
  if (!std::exchange(filled_, false) || size >= ReadBuffer::Bytes) return {bytes, size};

  // The last read filled the small buffer, so there is probably more: one block needs one write.
  std::memcpy(read_buffer_.data(), bytes, size);
  const std::size_t more = read_more(read_buffer_.data() + size, ReadBuffer::Bytes - size);
  return {read_buffer_.data(), size + more};
}

std::span<char> Connection::take_tls() {
  std::size_t size = 0;
  if (begin_ != end_) {  // from put_back()
    size = end_ - begin_;
    std::memcpy(read_buffer_.data(), buffer_.get() + begin_, size);
    begin_ = end_ = 0;
  }
  while (size < ReadBuffer::Bytes && !ended_) {
    std::size_t got = 0;
    const TlsLayer::Step step =
        tls_->read(read_buffer_.data() + size, ReadBuffer::Bytes - size, got);
    if (step == TlsLayer::Step::Done) {
      size += got;
      continue;
    }
    end_tls_read(step);
    break;
  }
  return {read_buffer_.data(), size};
}

Connection::Sent Connection::send_now(BufferSequence& buffers) {
  while (!buffers.empty()) {
    if (tls_) {
      std::size_t done = 0;
      const TlsLayer::Step step = tls_->write(buffers, read_buffer_.data(), 16 * 1024, done);
      if (step == TlsLayer::Step::WantWrite || step == TlsLayer::Step::WantRead) return Sent::Some;
      if (step != TlsLayer::Step::Done) return Sent::Failed;
      buffers.advance(done);
      continue;
    }
    msghdr message{};
    message.msg_iov = buffers.data();
    message.msg_iovlen = buffers.count();
    const ssize_t sent =
        ::syscall(SYS_sendmsg, socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return Sent::Some;
      error_ = last_error();
      return Sent::Failed;
    }
    buffers.advance(static_cast<std::size_t>(sent));
  }
  return Sent::All;
}

Task<bool> Connection::send_rest(BufferSequence& buffers, WaitPoint& wait_point, GiveUp give_up) {
  const auto answered = [&] {
    if (give_up == GiveUp::WhenOver) return false;
    pull();  // with TLS, not every byte is an answer: session tickets, part of a record
    arm();
    return !unread().empty() || ended_;
  };
  for (;;) {
    const Sent sent = send_now(buffers);
    if (sent != Sent::Some) co_return sent == Sent::All;
    writing_ = true;
    while (writing_ && !wait_point.over() && !answered()) co_await wait_point.wait();
    if (wait_point.over() || answered()) co_return false;
  }
}

void Connection::start_connect(const tcp::endpoint& endpoint) {
  close();
  connect_error_ = {};
  readable_ = end_ahead_ = false;
  const int family = endpoint.protocol().family();
  socket_ = Descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  connecting_ = true;
  if (!begin_connect(endpoint)) {
    connect_error_ = last_error();
    reactor_.defer(*this, EPOLLERR);
  }
}

bool Connection::begin_connect(const tcp::endpoint& endpoint) {
  if (!socket_.is_open()) return false;
  send_at_once(socket_.get());
  const auto* address = reinterpret_cast<const sockaddr*>(endpoint.data());
  const auto size = static_cast<socklen_t>(endpoint.size());
  if (::connect(socket_.get(), address, size) != 0 && errno != EINPROGRESS) return false;
  return reactor_.add(socket_.get(), *this);  // a finished connect is reported as writable
}

void Connection::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  if (!connect_error_ && ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0) {
    connect_error_ = {error, boost::system::system_category()};
  }
  connecting_ = false;
  notify();
}

void Connection::start_tls(SSL* ssl) { tls_ = std::make_unique<TlsLayer>(ssl, socket_.get()); }

Task<TlsLayer::Step> Connection::handshake(WaitPoint& wait_point) {
  for (;;) {
    const TlsLayer::Step step = tls_->handshake();
    if (step == TlsLayer::Step::WantRead) {
      tls_ready_ = false;
      arm();
      while (reading_ && !wait_point.over()) co_await wait_point.wait();
      if (ended_) co_return TlsLayer::Step::Failed;
    } else if (step == TlsLayer::Step::WantWrite) {
      writing_ = true;
      while (writing_ && !wait_point.over()) co_await wait_point.wait();
    } else {
      tls_ready_ = true;  // the first record may have come with the last handshake message
      co_return step;
    }
    if (wait_point.over()) co_return TlsLayer::Step::Failed;
  }
}

void Connection::shutdown_send() { ::shutdown(socket_.get(), SHUT_WR); }

void Connection::close() {
  reactor_.forget(*this);  // even without a socket: a failed connect has deferred an event
  if (!socket_.is_open()) return;
  if (tls_ && !ended_) tls_->close_quietly();
  socket_.close();
}

void Connection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

bool Connection::peer_has_closed() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
  return info.tcpi_state != TCP_ESTABLISHED;
}

}  // namespace vdm::proxy
