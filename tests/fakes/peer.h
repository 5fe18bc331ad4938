#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vdm::fakes {

/// An HTTP message as a Peer read it, with the body's framing removed.
struct Message {
  std::string head;  ///< up to and including the empty line
  std::string body;
  bool complete = false;

  std::string first_line() const { return head.substr(0, head.find("\r\n")); }
  /// The value of a field by its lower-case name; nothing when the field is absent.
  std::optional<std::string> field(std::string_view name) const;
  int status() const;
};

/// One end of a loopback connection, with blocking calls that give up after ten seconds. Tests
/// build their client and their fake provider on it. It has an HTTP framing of its own, so that it
/// cannot share a mistake with the code under test. Thread: its owner's.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}
  static Peer connect(std::uint16_t port, int receive_buffer = 0);
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&& other) noexcept;
  ~Peer() { close(); }

  bool send(std::string_view bytes);
  bool send_byte_by_byte(std::string_view bytes);
  /// Reads the next message; the result is incomplete when the other side closed or sent nothing.
  Message read_message(bool head_only = false);
  std::string read_some();
  std::string read_to_end();
  /// Whether the other side closes within the time, even if it sends more bytes before that.
  bool sees_close_within(int milliseconds);
  void shutdown_send();
  void close();
  /// Closes the connection with a reset.
  void reset();
  int descriptor() const { return descriptor_; }

 private:
  bool fill();

  int descriptor_;
  std::string ahead_;
};

}  // namespace vdm::fakes
