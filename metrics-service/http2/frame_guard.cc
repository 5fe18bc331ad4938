#include "metrics-service/http2/frame_guard.h"

#include <algorithm>
#include <utility>

namespace vdm::metrics {
namespace {

enum FrameType : std::uint8_t {
  Data = 0,
  Headers = 1,
  Priority = 2,
  ResetStream = 3,
  SettingsFrame = 4,
  PushPromise = 5,
  Ping = 6,
  GoAway = 7,
  WindowUpdate = 8,
  Continuation = 9,
};

constexpr std::uint8_t EndStream = 0x1;
constexpr std::uint8_t EndHeaders = 0x4;
constexpr std::chrono::milliseconds Second{1'000};

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

Error refusal(std::string message) { return {ErrorKind::InvalidRequest, std::move(message)}; }

}  // namespace

bool FrameGuard::Reader::take_head(std::string_view& text) {
  const std::size_t taken = std::min(bytes.size() - read, text.size());
  std::copy_n(text.begin(), taken, bytes.begin() + static_cast<std::ptrdiff_t>(read));
  text.remove_prefix(taken);
  read += taken;
  if (read < bytes.size()) return false;
  const std::string_view whole(bytes.data(), bytes.size());
  head = {.length = number(whole.substr(0, 3)),
          .type = static_cast<std::uint8_t>(whole[3]),
          .flags = static_cast<std::uint8_t>(whole[4]),
          .stream = number(whole.substr(5)) & 0x7fff'ffffu};
  payload_left = head.length;
  return true;
}

std::string_view FrameGuard::Reader::take_payload(std::string_view& text) {
  const std::string_view taken = text.substr(0, payload_left);
  text.remove_prefix(taken.size());
  payload_left -= taken.size();
  return taken;
}

Result<void> FrameGuard::take(std::string_view bytes, Time now, std::string& passed) {
  if (now - second_ >= Second) {
    second_ = now;
    counts_ = {};
  }
  if (const auto preface = take_preface(bytes, passed); !preface) return preface;
  while (!bytes.empty()) {
    if (client_.read < client_.bytes.size()) {
      const std::string_view before = bytes;
      const bool whole = client_.take_head(bytes);
      held_.append(before.substr(0, before.size() - bytes.size()));
      if (!whole) break;
      if (const auto judged = judge(client_.head); !judged) return judged;
    }
    const bool is_data = client_.head.type == Data;
    if (is_data) passed.append(std::exchange(held_, {}));
    (is_data ? passed : held_).append(client_.take_payload(bytes));
    if (!client_.is_whole()) break;
    client_.read = 0;
    if (block_of_ == 0) passed.append(std::exchange(held_, {}));
  }
  return {};
}

Result<void> FrameGuard::take_preface(std::string_view& bytes, std::string& passed) {
  if (preface_read_ == Preface.size()) return {};
  const std::string_view wanted = Preface.substr(preface_read_, bytes.size());
  if (!bytes.starts_with(wanted)) return refusal("it does not begin as HTTP/2 does");
  passed.append(wanted);
  bytes.remove_prefix(wanted.size());
  preface_read_ += wanted.size();
  return {};
}

/// Whether the frame may be read, by its head.
Result<void> FrameGuard::judge(const Head& head) {
  if (const auto order = judge_order(head); !order) return order;
  if (head.type != Data && head.length > limits_.frame_bytes_max) {
    return refusal("a frame of more than " + std::to_string(limits_.frame_bytes_max) + " bytes");
  }
  switch (head.type) {
    case Data:
      if (head.length > 0) return {};
      if ((head.flags & EndStream) != 0) return count(counts_.ends, limits_.ends, "ends");
      return count(counts_.idle_frames, limits_.idle_frames, "empty frames");
    case Headers:
      return judge_headers(head);
    case Continuation:
      return judge_continuation(head);
    case ResetStream:
      open_.erase(head.stream);
      return count(counts_.resets, limits_.resets, "resets");
    case SettingsFrame:
      has_settings_ = true;
      if (head.length > limits_.settings_bytes_max) return refusal("too many settings");
      return count(counts_.settings, limits_.settings, "SETTINGS frames");
    case Ping:
      return count(counts_.pings, limits_.pings, "pings");
    case WindowUpdate:
      return count(counts_.window_updates, limits_.window_updates, "WINDOW_UPDATE frames");
    case PushPromise:
      return refusal("a client pushes nothing");
    case Priority:
    case GoAway:
    default:
      return count(counts_.idle_frames, limits_.idle_frames, "frames that say nothing");
  }
}

Result<void> FrameGuard::judge_order(const Head& head) const {
  if (!has_settings_ && head.type != SettingsFrame) return refusal("SETTINGS do not come first");
  const bool goes_on = head.type == Continuation;
  if (block_of_ != 0 && (!goes_on || head.stream != block_of_)) {
    return refusal("a header block is interrupted");
  }
  if (block_of_ == 0 && goes_on) return refusal("a CONTINUATION of nothing");
  return {};
}

Result<void> FrameGuard::judge_headers(const Head& head) {
  if (head.stream % 2 == 0) return refusal("headers on a stream that no client opens");
  block_bytes_ = head.length;
  continuations_ = 0;
  block_of_ = (head.flags & EndHeaders) != 0 ? 0 : head.stream;
  if (block_bytes_ > limits_.header_block_bytes_max) return refusal("too large a header block");
  if (head.stream <= last_stream_) {  // trailers, which a client of gRPC does not send
    return count(counts_.idle_frames, limits_.idle_frames, "trailers");
  }
  last_stream_ = head.stream;
  if (open_.size() >= limits_.streams_max) {
    return refusal("more than " + std::to_string(limits_.streams_max) + " streams at once");
  }
  open_.insert(head.stream);
  return count(counts_.new_streams, limits_.new_streams, "new streams");
}

Result<void> FrameGuard::judge_continuation(const Head& head) {
  block_bytes_ += head.length;
  if (++continuations_ > limits_.continuations_max) return refusal("a header block in many frames");
  if (block_bytes_ > limits_.header_block_bytes_max) return refusal("too large a header block");
  if ((head.flags & EndHeaders) != 0) block_of_ = 0;
  return {};
}

Result<void> FrameGuard::count(std::uint32_t& counted, std::uint32_t most,
                               std::string_view what) const {
  if (++counted <= most) return {};
  return refusal("more than " + std::to_string(most) + " " + std::string(what) + " in a second");
}

/// gRPC ends a stream with its trailers, or resets it.
void FrameGuard::note_answer(std::string_view bytes) {
  while (!bytes.empty()) {
    if (server_.read < server_.bytes.size()) {
      if (!server_.take_head(bytes)) return;
      const Head& head = server_.head;
      const bool carries_end = head.type == Headers || head.type == Data;
      const bool ends = carries_end && (head.flags & EndStream) != 0;
      if (ends || head.type == ResetStream) open_.erase(head.stream);
    }
    server_.take_payload(bytes);
    if (!server_.is_whole()) return;
    server_.read = 0;
  }
}

}  // namespace vdm::metrics
