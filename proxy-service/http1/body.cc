#include "proxy-service/http1/body.h"

#include <algorithm>

namespace vdm::http1 {
namespace {

constexpr std::string_view BadChunkSize = "a chunk size is not 1 to 16 hexadecimal digits";
constexpr std::string_view BadChunkEnd = "a chunk does not end with CRLF";
constexpr std::string_view BadTrailer = "a trailer is not a header field";

int hex_value(char c) {
  if (bytes::is_digit(c)) return c - '0';
  const char l = bytes::lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

}  // namespace

BodyDecoder BodyDecoder::of_length(std::uint64_t length, std::uint64_t payload_max) {
  BodyDecoder decoder;
  decoder.payload_max_ = payload_max;
  if (length > payload_max) {
    decoder.refuse(BodyTooLarge.status, BodyTooLarge.reason);
  } else if (length > 0) {
    decoder.state_ = State::Payload;
    decoder.left_ = length;
  }
  return decoder;
}

BodyDecoder BodyDecoder::chunked(std::uint64_t payload_max) {
  BodyDecoder decoder;
  decoder.payload_max_ = payload_max;
  decoder.state_ = State::ChunkSizeFirst;
  return decoder;
}

BodyDecoder BodyDecoder::until_close(std::uint64_t payload_max) {
  BodyDecoder decoder;
  decoder.payload_max_ = payload_max;
  decoder.state_ = State::UntilClose;
  return decoder;
}

BodyDecoder BodyDecoder::of(const RequestHead& head, std::uint64_t payload_max) {
  if (head.chunked()) return chunked(payload_max);
  return of_length(head.content_length().value_or(0), payload_max);
}

BodyDecoder BodyDecoder::of(const ResponseHead& head, std::uint64_t payload_max) {
  switch (head.body_kind()) {
    case BodyKind::None:
      return {};
    case BodyKind::Length:
      return of_length(head.content_length().value_or(0), payload_max);
    case BodyKind::Chunked:
      return chunked(payload_max);
    case BodyKind::UntilClose:
      return until_close(payload_max);
  }
  return {};
}

std::string_view BodyDecoder::next(std::string_view& bytes) {
  while (!bytes.empty() && reading()) {
    if (state_ == State::Payload || state_ == State::ChunkPayload || state_ == State::UntilClose) {
      return take_payload(bytes);
    }
    take_framing(bytes.front());
    bytes.remove_prefix(1);
  }
  return {};
}

bool BodyDecoder::end_of_stream() {
  if (state_ == State::UntilClose) state_ = State::Done;
  return done();
}

std::string_view BodyDecoder::take_payload(std::string_view& bytes) {
  if (state_ == State::UntilClose) {
    left_ = std::min<std::uint64_t>(bytes.size(), payload_max_ - payload_bytes_);
    if (left_ == 0) {
      refuse(BodyTooLarge.status, BodyTooLarge.reason);
      return {};
    }
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  const std::string_view payload = bytes.substr(0, size);
  bytes.remove_prefix(size);
  left_ -= size;
  payload_bytes_ += size;
  if (left_ == 0 && state_ == State::Payload) state_ = State::Done;
  if (left_ == 0 && state_ == State::ChunkPayload) state_ = State::ChunkEndCr;
  return payload;
}

void BodyDecoder::take_framing(char c) {
  switch (state_) {
    case State::ChunkSizeFirst:
    case State::ChunkSize:
      return take_size_digit(c);
    case State::ChunkExtension:
      if (c == '\r') {
        state_ = State::ChunkSizeLf;
      } else if (bytes::is_control(c)) {
        refuse(400, "a control character in a chunk extension");
      } else {
        drop(State::ChunkExtension);
      }
      return;
    case State::ChunkSizeLf:
      if (c != '\n') return refuse(400, "a chunk size line does not end with CRLF");
      return end_size_line();
    case State::ChunkEndCr:
      return expect(c, '\r', State::ChunkEndLf);
    case State::ChunkEndLf:
      return expect(c, '\n', State::ChunkSizeFirst);
    case State::TrailerStart:
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLf:
    case State::LastLf:
      return take_trailer(c);
    case State::Payload:
    case State::UntilClose:
    case State::ChunkPayload:
    case State::Done:
    case State::Refused:
      return;
  }
}

void BodyDecoder::take_size_digit(char c) {
  const int digit = hex_value(c);
  if (state_ == State::ChunkSizeFirst) {
    if (digit < 0) return refuse(400, BadChunkSize);
    left_ = 0;
    size_digits_ = 0;
    state_ = State::ChunkSize;
  }
  if (digit >= 0) {
    if (++size_digits_ > 16) return refuse(400, BadChunkSize);
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  } else if (c == '\r') {
    state_ = State::ChunkSizeLf;
  } else if (c == ';') {
    drop(State::ChunkExtension);
  } else {
    refuse(400, BadChunkSize);
  }
}

void BodyDecoder::end_size_line() {
  if (left_ == 0) {
    state_ = State::TrailerStart;
  } else if (left_ > payload_max_ - payload_bytes_) {
    refuse(BodyTooLarge.status, BodyTooLarge.reason);
  } else {
    state_ = State::ChunkPayload;
  }
}

void BodyDecoder::take_trailer(char c) {
  if (state_ == State::LastLf) return expect(c, '\n', State::Done);
  if (state_ == State::TrailerLf) {
    return c == '\n' ? drop(State::TrailerStart) : refuse(400, BadTrailer);
  }
  if (state_ == State::TrailerValue) {
    if (c == '\r') return drop(State::TrailerLf);
    return bytes::is_control(c) ? refuse(400, BadTrailer) : drop(State::TrailerValue);
  }
  if (state_ == State::TrailerName && c == ':') return drop(State::TrailerValue);
  if (state_ == State::TrailerStart && c == '\r') {
    state_ = State::LastLf;
    return;
  }
  return bytes::is_token_byte(c) ? drop(State::TrailerName) : refuse(400, BadTrailer);
}

void BodyDecoder::drop(State next) {
  if (++dropped_ > DroppedMax) {
    return refuse(413, "chunk extensions and trailers are larger than 16 KiB");
  }
  state_ = next;
}

void BodyDecoder::expect(char c, char wanted, State next) {
  if (c != wanted) return refuse(400, BadChunkEnd);
  state_ = next;
}

void BodyDecoder::refuse(int status, std::string_view reason) {
  refusal_ = {status, reason};
  left_ = 0;
  state_ = State::Refused;
}

}  // namespace vdm::http1
