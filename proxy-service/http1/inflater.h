#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace vdm::http1 {

/// Undoes the content codings gzip and deflate, piece by piece as the bytes come. What the bytes
/// are is judged by their beginning, as "deflate" is sent with and without a frame. Bounds: pieces
/// of PieceBytes, and a text that expands beyond RatioMax after its first FreeBytes is refused.
/// Thread: its owner's.
class Inflater {
 public:
  static constexpr std::size_t PieceBytes = 64 * 1024;
  static constexpr std::uint64_t FreeBytes = 1024 * 1024;
  /// The most that the format can do is 1032; JSON and events reach some 30.
  static constexpr std::uint64_t RatioMax = 200;

  /// Whether this is a value of Content-Encoding that it undoes.
  static bool undoes(std::string_view content_encoding);
  /// Whether a text begins as gzip does.
  static bool is_gzip(std::string_view begin) { return begin.starts_with("\x1f\x8b"); }

  Inflater();
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  /// Takes the next bytes, which it copies.
  void take(std::string_view bytes);
  /// The next piece of the text, which the caller may change; valid until the next call. Empty when
  /// more bytes are needed, or at the end.
  std::span<char> next();

  /// The text has come to its end, and next() has given all of it.
  bool ended() const { return state_ == State::Ended; }
  /// Why the bytes cannot be read; empty when they can.
  std::string_view refusal() const { return refusal_; }

 private:
  enum class State : std::uint8_t { Begins, Inflates, Ended, Refused };
  struct Stream;

  bool begin();
  void refuse(std::string_view why);

  std::unique_ptr<Stream> stream_;
  std::string in_;  ///< compressed bytes from taken_ on
  std::size_t taken_ = 0;
  std::string piece_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  State state_ = State::Begins;
  std::string_view refusal_;
};

}  // namespace vdm::http1
