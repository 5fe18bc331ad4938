#include "proxy-service/http/wire.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

namespace vdm::proxy {
namespace {

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

ssize_t receive(int descriptor, char* to, std::size_t size) {
  ssize_t got = 0;
  do {
    got = ::recv(descriptor, to, size, MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace

Wire::Wire(Socket socket, Scratch& scratch)
    : socket_(std::move(socket)),
      scratch_(scratch),
      buffer_(std::make_unique_for_overwrite<char[]>(SmallBytes)) {
  if (socket_.is_open()) descriptor_ = socket_.native_handle();
}

void Wire::attach(Waiting* waiting, Interrupt on_end) {
  waiting_ = waiting;
  on_end_ = on_end;
  on_event_ = nullptr;
}

void Wire::detach(std::function<void()> event) {
  waiting_ = nullptr;
  on_event_ = std::move(event);
}

void Wire::retire() {
  waiting_ = nullptr;
  on_event_ = nullptr;
  close();
  orphan_ = true;
  if (!reading_ && !writing_ && !connecting_) delete this;
}

bool Wire::settle(bool& operation) {
  operation = false;
  if (!orphan_) return false;
  if (!reading_ && !writing_ && !connecting_) delete this;
  return true;
}

void Wire::notify() {
  // Either call may end this wire; nothing follows it.
  if (waiting_ != nullptr) {
    if (ended_ && on_end_ != Interrupt::None) {
      waiting_->interrupt(on_end_);
    } else {
      waiting_->wake();
    }
  } else if (on_event_) {
    const auto event = on_event_;
    event();
  }
}

void Wire::set_ended(const boost::system::error_code& why) {
  ended_ = true;
  fault_ = why;
}

void Wire::arm() {
  if (reading_ || ended_) return;
  if (tls_) {
    if (tls_ready_) return;
    reading_ = true;
    socket_.async_wait(Socket::wait_read,
                       [this](const boost::system::error_code& error) { on_read(error, 0); });
    return;
  }
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == capacity_) {
    if (begin_ == 0) return;
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(buffer_.get() + end_, capacity_ - end_),
      [this](const boost::system::error_code& error, std::size_t n) { on_read(error, n); });
}

void Wire::on_read(const boost::system::error_code& error, std::size_t bytes) {
  if (settle(reading_)) return;
  if (error) {
    set_ended(error);
  } else if (tls_) {
    tls_ready_ = true;
  } else {
    end_ += bytes;
    filled_ = end_ == capacity_;
    if (keep_reading_) arm();
  }
  notify();
}

void Wire::make_room(std::size_t bytes) {
  assert(!reading_);  // a pending read holds the buffer's address
  if (bytes <= capacity_) return;
  auto larger = std::make_unique_for_overwrite<char[]>(bytes);
  std::memcpy(larger.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  buffer_ = std::move(larger);
  capacity_ = bytes;
}

void Wire::shrink() {
  if (capacity_ == SmallBytes || reading_ || begin_ != end_) return;
  buffer_ = std::make_unique_for_overwrite<char[]>(SmallBytes);
  capacity_ = SmallBytes;
  begin_ = end_ = 0;
}

void Wire::pull() {
  while (tls_ && tls_ready_ && !ended_) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == capacity_) return;
    std::size_t got = 0;
    const TlsLayer::Step step = tls_->read(buffer_.get() + end_, capacity_ - end_, got);
    if (step == TlsLayer::Step::Done) {
      end_ += got;
    } else {
      end_tls_read(step);
    }
  }
}

void Wire::end_tls_read(TlsLayer::Step step) {
  tls_ready_ = false;
  if (step == TlsLayer::Step::Ended) set_ended(asio::error::eof);
  if (step == TlsLayer::Step::Failed) set_ended(asio::error::connection_reset);
}

void Wire::put_back(std::string_view bytes) {
  assert(!reading_ && begin_ == end_);  // what is unread would change its order
  begin_ = end_ = 0;
  make_room(bytes.size());
  std::memcpy(buffer_.get(), bytes.data(), bytes.size());
  end_ = bytes.size();
}

std::size_t Wire::read_more(char* to, std::size_t size) {
  std::size_t total = 0;
  while (total < size && !ended_) {
    const ssize_t got = receive(descriptor_, to + total, size - total);
    if (got > 0) {
      const bool all_there_is = static_cast<std::size_t>(got) < size - total;
      total += static_cast<std::size_t>(got);
      if (all_there_is) break;
      continue;
    }
    if (got == 0) set_ended(asio::error::eof);
    if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK) set_ended(last_error());
    break;
  }
  return total;
}

std::span<char> Wire::take() {
  if (tls_) return take_tls();
  const std::size_t size = end_ - begin_;
  char* const bytes = buffer_.get() + begin_;
  if (size == 0) return {};
  begin_ = end_ = 0;
  if (!std::exchange(filled_, false) || size >= Scratch::Bytes) return {bytes, size};

  // The small buffer was filled, so there is probably more: one piece, one write.
  std::memcpy(scratch_.data(), bytes, size);
  const std::size_t more = read_more(scratch_.data() + size, Scratch::Bytes - size);
  return {scratch_.data(), size + more};
}

std::span<char> Wire::take_tls() {
  std::size_t size = 0;
  if (begin_ != end_) {  // put back
    size = end_ - begin_;
    std::memcpy(scratch_.data(), buffer_.get() + begin_, size);
    begin_ = end_ = 0;
  }
  while (size < Scratch::Bytes && !ended_) {
    std::size_t got = 0;
    const TlsLayer::Step step = tls_->read(scratch_.data() + size, Scratch::Bytes - size, got);
    if (step == TlsLayer::Step::Done) {
      size += got;
      continue;
    }
    end_tls_read(step);
    break;
  }
  return {scratch_.data(), size};
}

Wire::Sent Wire::send_now(Pieces& pieces) {
  while (!pieces.empty()) {
    if (tls_) {
      std::size_t done = 0;
      const TlsLayer::Step step = tls_->write(pieces, scratch_.data(), 16 * 1024, done);
      if (step == TlsLayer::Step::WantWrite || step == TlsLayer::Step::WantRead) return Sent::Some;
      if (step != TlsLayer::Step::Done) return Sent::Failed;
      pieces.advance(done);
      continue;
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.count();
    const ssize_t sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return Sent::Some;
      fault_ = last_error();
      return Sent::Failed;
    }
    pieces.advance(static_cast<std::size_t>(sent));
  }
  return Sent::All;
}

Task<bool> Wire::send_rest(Pieces& pieces, Waiting& waiting, GiveUp give_up) {
  const auto answered = [&] { return give_up == GiveUp::WhenAnswered && (readable() || ended_); };
  for (;;) {
    const Sent sent = send_now(pieces);
    if (sent != Sent::Some) co_return sent == Sent::All;
    if (!writing_) {
      writing_ = true;
      socket_.async_wait(Socket::wait_write, [this](const boost::system::error_code&) {
        if (!settle(writing_)) notify();
      });
    }
    while (writing_ && !waiting.over() && !answered()) co_await waiting.wait();
    if (waiting.over() || answered()) co_return false;
  }
}

void Wire::start_connect(const tcp::endpoint& endpoint) {
  boost::system::error_code ignored;
  socket_.close(ignored);
  descriptor_ = -1;
  connect_fault_ = {};
  connecting_ = true;
  socket_.async_connect(endpoint, [this](const boost::system::error_code& error) {
    if (settle(connecting_)) return;
    connect_fault_ = error;
    if (!error) {
      descriptor_ = socket_.native_handle();
      const int on = 1;
      ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    notify();
  });
}

void Wire::start_tls(SSL* ssl) {
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  tls_ = std::make_unique<TlsLayer>(ssl, descriptor_);
}

Task<TlsLayer::Step> Wire::handshake(Waiting& waiting) {
  for (;;) {
    const TlsLayer::Step step = tls_->handshake();
    if (step == TlsLayer::Step::WantRead) {
      tls_ready_ = false;
      arm();
      while (reading_ && !waiting.over()) co_await waiting.wait();
      if (ended_) co_return TlsLayer::Step::Failed;
    } else if (step == TlsLayer::Step::WantWrite) {
      writing_ = true;
      socket_.async_wait(Socket::wait_write, [this](const boost::system::error_code&) {
        if (!settle(writing_)) notify();
      });
      while (writing_ && !waiting.over()) co_await waiting.wait();
    } else {
      tls_ready_ = true;  // the first record may have come with the handshake's last
      co_return step;
    }
    if (waiting.over()) co_return TlsLayer::Step::Failed;
  }
}

void Wire::shutdown_send() { ::shutdown(descriptor_, SHUT_WR); }

void Wire::close() {
  if (tls_ && !ended_) tls_->close_quietly();
  boost::system::error_code ignored;
  socket_.close(ignored);
  descriptor_ = -1;
}

void Wire::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

bool Wire::peer_has_closed() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
  return info.tcpi_state != TCP_ESTABLISHED;
}

}  // namespace vdm::proxy
