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
#include "proxy-service/net/peer_address.h"
#include "proxy-service/net/reactor.h"
#include "proxy-service/net/read_buffer.h"
#include "proxy-service/net/task.h"
#include "proxy-service/net/tls_layer.h"
#include "proxy-service/net/wait_point.h"

namespace vdm::proxy {

namespace asio = boost::asio;
using asio::ip::tcp;

/// One TCP connection, to a client or to a provider. It tries each operation at
/// once with one system call; where the kernel would block, it wakes the attached
/// session later. A read may stay pending while no session waits for it, so that
/// the connection notices a peer that leaves. It reads small amounts into a small
/// buffer of its own, larger ones into the thread's read buffer. Thread: its IoThread.
class Connection final : public Reactor::Watched {
 public:
  static constexpr std::size_t SmallBytes = 4096;

  using Ptr = std::unique_ptr<Connection>;
  /// Not connected yet: start_connect() connects it.
  Connection(Reactor& reactor, ReadBuffer& read_buffer);
  /// On a socket that is connected.
  Connection(Descriptor socket, Reactor& reactor, ReadBuffer& read_buffer);
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// From now on events wake `wait_point`, and the end of this connection interrupts it with
  /// `on_end` (None: only wakes it).
  void attach(WaitPoint* wait_point, Interrupt on_end = Interrupt::None);
  /// No session waits any more: the connection calls `event` when bytes or its end arrive.
  /// `event` may destroy the connection.
  void detach(std::function<void()> event);

  // Reading. Views into the buffer are valid until the next arm(), pull(), take() or make_room().

  /// Makes a read pending, unless the buffer is full or the connection has ended.
  void arm();
  bool ended() const { return ended_; }
  std::string_view unread() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  bool full() const { return begin_ == 0 && end_ == capacity_; }
  /// Enlarges the buffer to `bytes`, if it is smaller. No read may be pending.
  void make_room(std::size_t bytes);
  /// Goes back to the small buffer, if nothing is unread and no read is pending.
  void shrink();
  /// With TLS: decrypts the bytes that have arrived into the buffer, where unread() finds them.
  void pull();
  /// Puts bytes back to be read again. Nothing may be unread, and no read pending.
  void put_back(std::string_view bytes);
  /// All bytes that have arrived, as one block, up to the read buffer's size; empty when none
  /// have. The caller may change them in place.
  std::span<char> take();
  /// Whether take() would find bytes, or try to decrypt some.
  bool readable() const { return begin_ != end_ || decryptable(); }
  /// Whether TLS may have bytes that are not in the buffer yet and need no wait.
  bool decryptable() const { return tls_ && tls_ready_; }
  /// From now on a read stays pending whenever the buffer has room.
  void keep_reading() {
    keep_reading_ = true;
    arm();
  }
  void stop_reading() { keep_reading_ = false; }
  /// After a read that filled its room: reads straight to `to` what the kernel still has. A
  /// result below `size` means that the kernel has no more now. Leaves no read pending.
  std::size_t read_more(char* to, std::size_t size);
  bool last_read_filled() const { return filled_; }
  bool reading() const { return reading_; }

  // Writing.

  enum class Sent { All, Some, Failed };
  /// Writes what the kernel takes at once; `buffers` keeps the rest.
  Sent send_now(BufferSequence& buffers);
  enum class GiveUp { WhenOver, WhenAnswered };
  /// Waits until all is written. False when the peer or the session ends first or, with
  /// WhenAnswered, when the peer begins to answer. The bytes must stay in place meanwhile.
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
  /// Closes, and lets the kernel drop what it has not sent: for a peer that does not read.
  void reset();
  bool peer_has_closed() const;
  IpAddress peer_address() const { return proxy::peer_address(socket_.get()); }
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
  bool readable_ = false;   ///< the socket may have more bytes than were read
  bool end_ahead_ = false;  ///< the kernel reported the peer's end; bytes before it may be unread
  bool reading_ = false;
  bool writing_ = false;
  bool connecting_ = false;
  bool ended_ = false;
  bool filled_ = false;
  bool tls_ready_ = false;
  bool keep_reading_ = false;
};

}  // namespace vdm::proxy
