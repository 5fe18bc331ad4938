#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vdm::fakes {

/// An HTTP message as a peer read it, body unframed.
struct Message {
  std::string head;  ///< up to and with the empty line
  std::string body;
  bool complete = false;

  std::string first_line() const { return head.substr(0, head.find("\r\n")); }
  /// The value of a field, by lower-case name; nothing when it is not there.
  std::optional<std::string> field(std::string_view name) const;
  int status() const;
};

/// One end of a loopback connection, with blocking calls that give up after ten
/// seconds. What a test's client and its fake provider are made of. It frames
/// HTTP by itself, so that it cannot share a mistake with what is tested.
/// Thread: its owner's.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}
  static Peer connect(std::uint16_t port, int receive_buffer = 0);
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&& other) noexcept;
  ~Peer() { close(); }

  bool send(std::string_view bytes);
  bool send_byte_by_byte(std::string_view bytes);
  /// The next whole message; incomplete when the other side closed or went silent.
  Message read_message(bool head_only = false);
  std::string read_some();
  std::string read_to_end();
  /// Whether the other side closes (or has closed) within the time, whatever it still sends.
  bool sees_close_within(int milliseconds);
  void shutdown_send();
  void close();
  /// Closes so that the other side sees a reset.
  void reset();
  int descriptor() const { return descriptor_; }

 private:
  bool fill();

  int descriptor_;
  std::string ahead_;
};

}  // namespace vdm::fakes
