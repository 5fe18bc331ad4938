#include "tests/bench/load_connection.h"

namespace vdm::bench {

void LoadConnection::send(std::string_view request, Time due) {
  due_ = due;
  has_first_byte_ = false;
  unsent_ = request;
  state_ = State::Sending;
  if (!fd_.open()) {
    fd_ = connect_to(port_);
    if (!fd_.open()) {
      failed("connection refused");
      return;
    }
    poll_.add(fd_, this);
  }
  if (!send_some(fd_, unsent_)) {
    failed("the connection broke while sending");
  } else if (unsent_.empty()) {
    state_ = State::AwaitingHead;
  }
}

bool LoadConnection::ready(std::span<char> scratch) {
  if (state_ == State::Sending) {
    if (!send_some(fd_, unsent_)) return failed("the connection broke while sending");
    if (!unsent_.empty()) return false;
    state_ = State::AwaitingHead;
  }
  return fd_.open() && read(scratch);
}

bool LoadConnection::read(std::span<char> scratch) {
  while (true) {
    std::size_t size = 0;
    switch (receive_some(fd_, scratch, size)) {
      case Received::WouldBlock:
        return false;
      case Received::Closed:
        return closed();
      case Received::Bytes:
        break;
    }
    if (state_ == State::Idle) {
      failed("bytes behind the answer");
      return false;
    }
    if (take({scratch.data(), size})) return true;
    // A short read empties the socket: epoll reports the next bytes with an edge of their own.
    if (size < scratch.size()) return false;
  }
}

bool LoadConnection::take(std::string_view bytes) {
  if (state_ == State::AwaitingHead && !take_head(bytes)) return state_ == State::Idle;
  while (!bytes.empty() && body_.reading()) note_payload(body_.next(bytes));
  if (body_.refused()) return failed(std::string(body_.refusal().reason));
  if (!body_.done()) return false;
  if (!bytes.empty()) return failed("bytes behind the answer");
  return ended();
}

// Returns true when the head is complete; `bytes` then holds what follows it.
bool LoadConnection::take_head(std::string_view& bytes) {
  std::string_view received = bytes;
  if (!head_bytes_.empty()) received = head_bytes_.append(bytes);
  switch (head_.read(received)) {
    case http1::Progress::NeedMore:
      if (head_bytes_.empty()) head_bytes_.assign(bytes);
      return false;
    case http1::Progress::Refused:
      failed(std::string(head_.refusal().reason));
      return false;
    case http1::Progress::Complete:
      break;
  }
  const auto type = head_.fields().get(http1::FieldName::ContentType).value_or("");
  if (!is_refusal() && head_.status() != 200) {
    failed("status " + std::to_string(head_.status()));
    return false;
  }
  if (!is_refusal() && type.starts_with("text/event-stream") != (expected_ != Answer::Json)) {
    failed("an answer of another type than was asked for");
    return false;
  }
  body_ = http1::BodyDecoder::of(head_);
  bytes.remove_prefix(bytes.size() - (received.size() - head_.bytes()));
  head_bytes_.clear();
  ends_.clear();
  state_ = State::AwaitingBody;
  return true;
}

void LoadConnection::note_payload(std::string_view payload) {
  if (payload.empty()) return;
  if (!has_first_byte_) {
    has_first_byte_ = true;
    recorder_.first_byte.add(Clock::now() - due_);
  }
  if (expected_ != Answer::Json) ends_.note(payload);
}

bool LoadConnection::closed() {
  fd_.close();
  if (state_ == State::Idle) return false;
  if (state_ == State::AwaitingBody && body_.end_of_stream()) return ended();
  return failed("the connection closed before the answer was whole");
}

bool LoadConnection::is_refusal() const {
  return refusal_ == Refusal::Answer && head_.status() == 503 && head_.fields().get("retry-after");
}

bool LoadConnection::ended() {
  if (!is_refusal() && expected_ != Answer::Json && !ends_.whole(expected_)) {
    return failed("a stream without its end");
  }
  (is_refusal() ? recorder_.refusal : recorder_.latency).add(Clock::now() - due_);
  ++(is_refusal() ? recorder_.refused : recorder_.finished);
  state_ = State::Idle;
  if (!head_.keep_alive()) fd_.close();
  head_.clear();
  return true;
}

bool LoadConnection::failed(std::string why) {
  recorder_.fail(std::move(why));
  fd_.close();
  head_.clear();
  head_bytes_.clear();
  state_ = State::Idle;
  return true;
}

}  // namespace vdm::bench
