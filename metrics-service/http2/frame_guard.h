#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace vdm::metrics {

/// What one connection may ask of an HTTP/2 server. A client of gRPC stays far below each.
struct FrameLimits {
  std::size_t header_block_bytes_max = 16 * 1024;  ///< HEADERS and what continues it
  std::size_t continuations_max = 4;               ///< of one header block
  std::size_t frame_bytes_max = 16 * 1024;         ///< of one that is no DATA
  std::size_t settings_bytes_max = 256;
  std::size_t streams_max = 256;  ///< open at once
  // In one second:
  std::uint32_t new_streams = 500;
  std::uint32_t ends = 1'000;  ///< empty DATA that ends a stream
  std::uint32_t resets = 100;
  std::uint32_t pings = 200;  ///< answers to ours, too
  std::uint32_t settings = 20;
  std::uint32_t window_updates = 20'000;
  std::uint32_t idle_frames = 200;  ///< that say nothing: empty DATA, PRIORITY, unknown types
};

/// Reads what one client sends, and lets pass what a server may read of it. Pure; the time is any
/// that only rises. Thread: its owner's.
class FrameGuard {
 public:
  using Time = std::chrono::milliseconds;

  explicit FrameGuard(const FrameLimits& limits = {}) : limits_(limits) {}

  /// Takes what the client sent, cut anywhere, and appends to `passed` what the server may have
  /// now. An error ends the connection; its message says why.
  Result<void> take(std::string_view bytes, Time now, std::string& passed);
  /// Reads what the server answers, to know which streams have ended.
  void note_answer(std::string_view bytes);

  /// Something has begun that must end soon: the preface, or a frame that is no DATA.
  bool is_within() const { return !has_settings_ || !held_.empty(); }
  std::size_t open_streams() const { return open_.size(); }
  /// The bytes that it keeps until the rest has come.
  std::size_t held_bytes() const { return held_.size(); }

 private:
  static constexpr std::string_view Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  /// The nine bytes in front of each frame.
  struct Head {
    std::size_t length = 0;
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
  };
  /// Reads heads that come in pieces, and counts what is left of a payload.
  struct Reader {
    std::array<char, 9> bytes{};
    std::size_t read = 0;
    std::size_t payload_left = 0;
    Head head;

    /// Takes bytes of a head from `text`; true when it is whole.
    bool take_head(std::string_view& text);
    /// Takes bytes of the payload from `text`.
    std::string_view take_payload(std::string_view& text);
    bool is_whole() const { return read == bytes.size() && payload_left == 0; }
  };
  struct Counts {
    std::uint32_t new_streams = 0;
    std::uint32_t ends = 0;
    std::uint32_t resets = 0;
    std::uint32_t pings = 0;
    std::uint32_t settings = 0;
    std::uint32_t window_updates = 0;
    std::uint32_t idle_frames = 0;
  };

  Result<void> take_preface(std::string_view& bytes, std::string& passed);
  Result<void> judge(const Head& head);
  Result<void> judge_order(const Head& head) const;
  Result<void> judge_headers(const Head& head);
  Result<void> judge_continuation(const Head& head);
  Result<void> count(std::uint32_t& counted, std::uint32_t most, std::string_view what) const;

  FrameLimits limits_;
  std::size_t preface_read_ = 0;
  bool has_settings_ = false;  ///< the first frame has come
  Reader client_;
  Reader server_;
  std::string held_;             ///< the frame, or header block, that is not whole yet
  std::uint32_t block_of_ = 0;   ///< the stream whose header block has not ended; 0: none
  std::size_t block_bytes_ = 0;  ///< of that block
  std::size_t continuations_ = 0;
  std::uint32_t last_stream_ = 0;
  std::set<std::uint32_t> open_;
  Time second_{0};  ///< when the counts began
  Counts counts_;
};

}  // namespace vdm::metrics
