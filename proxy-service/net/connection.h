#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "proxy-service/net/buffer_sequence.h"
#include "proxy-service/net/descriptor.h"
#include "proxy-service/net/reactor.h"
#include "proxy-service/net/read_buffer.h"
#include "proxy-service/net/task.h"
#include "proxy-service/net/tls_layer.h"
#include "proxy-service/net/wait_point.h"

namespace vdm::proxy {

namespace asio = boost::asio;
using asio::ip::tcp;

/// One TCP connection, to a client or to a provider. What can be done at once is
/// done with one system call; what cannot wakes the session that is attached
/// when it can. A read may stay pending while nobody waits for it, which is how a
/// peer that leaves is noticed. Small bytes come into a small buffer of its own,
/// large ones into the thread's scratch. Thread: its IoThread.
class Connection final : public Reactor::Watched {
 public:
  static constexpr std::size_t SmallBytes = 4096;

  using Ptr = std::unique_ptr<Connection>;
  /// One that is to be connected.
  Connection(Reactor& reactor, ReadBuffer& read_buffer);
  /// One that is connected.
  Connection(Descriptor socket, Reactor& reactor, ReadBuffer& read_buffer);
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Whom events wake from now on, and what the end of this connection means to it.
  void attach(WaitPoint* wait_point, Interrupt on_end = Interrupt::None);
  /// Nobody waits: `event` is called when bytes or the end come. It may end the wire.
  void detach(std::function<void()> event);

  // Reading. Views into the buffer hold until the next arm(), pull(), take() or make_room().

  /// Sees to it that a read is pending, if there is room and no end.
  void arm();
  bool ended() const { return ended_; }
  std::string_view unread() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  bool full() const { return begin_ == 0 && end_ == capacity_; }
  /// Lets the buffer hold up to `bytes`, once what is there fills it.
  void make_room(std::size_t bytes);
  /// Back to the small buffer, if nothing is unread and no read is pending.
  void shrink();
  /// TLS: decrypts what has come into the buffer, for whoever reads unread().
  void pull();
  /// Puts bytes back in front of what is unread (none is, and no read is pending).
  void put_back(std::string_view bytes);
  /// All that has come, in one piece, up to a scratch full. Empty when nothing has.
  /// The bytes may be changed in place.
  std::span<char> take();
  /// Whether take() would find something.
  bool readable() const { return begin_ != end_ || decryptable(); }
  /// Whether TLS may have more than what is in the buffer, without a wait.
  bool decryptable() const { return tls_ && tls_ready_; }
  /// From now on a read stays pending whenever there is room for one.
  void keep_reading() {
    keep_reading_ = true;
    arm();
  }
  void stop_reading() { keep_reading_ = false; }
  /// Reads straight to `to` what the kernel has, after a read that filled its
  /// room. Less than `size` means that there is no more now. Never pending.
  std::size_t read_more(char* to, std::size_t size);
  bool last_read_filled() const { return filled_; }
  bool reading() const { return reading_; }

  // Writing.

  enum class Sent { All, Some, Failed };
  /// What goes out at once; `pieces` keeps the rest.
  Sent send_now(BufferSequence& buffers);
  enum class GiveUp { WhenOver, WhenAnswered };
  /// Waits until all is out. False when the peer or the session is over first, or,
  /// if asked, when the peer has begun to speak. The pieces' bytes stay meanwhile.
  Task<bool> send_rest(BufferSequence& buffers, WaitPoint& wait_point,
                       GiveUp give_up = GiveUp::WhenOver);

  // Beginning and end.

  void start_connect(const tcp::endpoint& endpoint);
  bool connecting() const { return connecting_; }
  const boost::system::error_code& connect_error() const { return connect_error_; }
  void start_tls(SSL* ssl);
  Task<TlsLayer::Step> handshake(WaitPoint& wait_point);
  TlsLayer* tls() { return tls_.get(); }

  void shutdown_send();
  void close();
  /// The kernel drops what it still holds: for a peer that does not read.
  void reset();
  bool peer_has_closed() const;
  const boost::system::error_code& error() const { return error_; }

  void ready(std::uint32_t events) override;

 private:
  void watch();
  bool begin_connect(const tcp::endpoint& endpoint);
  void on_connected();
  bool has_room();
  bool read_pending();
  ssize_t receive(char* to, std::size_t size);
  void notify();
  void set_ended(const boost::system::error_code& why);
  std::span<char> take_tls();
  void end_tls_read(TlsLayer::Step step);

  Reactor& reactor_;
  ReadBuffer& read_buffer_;
  Descriptor socket_;
  std::unique_ptr<TlsLayer> tls_;
  WaitPoint* wait_point_ = nullptr;
  std::function<void()> on_event_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = SmallBytes;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  boost::system::error_code error_;
  boost::system::error_code connect_error_;
  Interrupt on_end_ = Interrupt::None;
  bool readable_ = false;   ///< the socket may have more than what has been read
  bool end_ahead_ = false;  ///< its end has been seen, behind what is unread
  bool reading_ = false;
  bool writing_ = false;
  bool connecting_ = false;
  bool ended_ = false;
  bool filled_ = false;
  bool tls_ready_ = false;
  bool keep_reading_ = false;
};

}  // namespace vdm::proxy
