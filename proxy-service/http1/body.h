#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "common/http1/refusal.h"
#include "common/http1/request_head.h"
#include "proxy-service/http1/response_head.h"

namespace vdm::http1 {

/// Finds a message body's payload in the bytes received, in place and without
/// copying, however they were split. Chunk framing is checked strictly; extensions
/// and trailers are dropped, and bounded together (16 KiB). Thread: its owner's.
///
///   while (!bytes.empty() && decoder.reading()) {
///     const std::string_view payload = decoder.next(bytes);  // bytes shrinks from the front
///     if (!payload.empty()) use(payload);
///   }
///   // When done(), what is left in `bytes` belongs to the next message.
class BodyDecoder {
 public:
  static constexpr std::uint64_t NoLimit = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::size_t DroppedMax = 16 * 1024;

  /// No body: done at once.
  BodyDecoder() = default;
  /// More than `payload_max` bytes are refused with 413, before they are read.
  static BodyDecoder of_length(std::uint64_t length, std::uint64_t payload_max = NoLimit);
  static BodyDecoder chunked(std::uint64_t payload_max = NoLimit);
  static BodyDecoder until_close(std::uint64_t payload_max = NoLimit);
  static BodyDecoder of(const RequestHead& head, std::uint64_t payload_max = NoLimit);
  static BodyDecoder of(const ResponseHead& head, std::uint64_t payload_max = NoLimit);

  /// Takes bytes from the front of `bytes`: framing, then at most one span of
  /// payload, which it returns. Empty when the bytes held none.
  std::string_view next(std::string_view& bytes);

  /// Call it when the peer has closed. True when the body was complete by then.
  bool end_of_stream();

  bool reading() const { return state_ < State::Done; }
  bool done() const { return state_ == State::Done; }
  bool refused() const { return state_ == State::Refused; }
  const MessageRefusal& refusal() const { return refusal_; }
  /// Payload bytes returned so far.
  std::uint64_t payload_bytes() const { return payload_bytes_; }
  /// Payload bytes that are known to follow; 0 when only later framing will tell.
  std::uint64_t payload_expected() const { return left_; }

 private:
  enum class State : std::uint8_t {
    Payload,
    UntilClose,
    ChunkSizeFirst,
    ChunkSize,
    ChunkExtension,
    ChunkSizeLf,
    ChunkPayload,
    ChunkEndCr,
    ChunkEndLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    LastLf,
    Done,
    Refused,
  };

  std::string_view take_payload(std::string_view& bytes);
  void take_framing(char c);
  void take_size_digit(char c);
  void take_trailer(char c);
  void end_size_line();
  void drop(State next);
  void expect(char c, char wanted, State next);
  void refuse(int status, std::string_view reason);

  State state_ = State::Done;
  std::uint8_t size_digits_ = 0;
  std::uint16_t dropped_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t payload_bytes_ = 0;
  std::uint64_t payload_max_ = NoLimit;
  MessageRefusal refusal_;
};

}  // namespace vdm::http1
