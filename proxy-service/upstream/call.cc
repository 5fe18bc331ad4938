#include "proxy-service/upstream/call.h"

#include <cstring>
#include <string>
#include <utility>

#include "proxy-service/upstream/wait_error.h"

namespace vdm::proxy {
namespace {

// A provider may send interim answers (100, 103) before the answer, but not without end.
constexpr int InterimMax = 8;

}  // namespace

Error UpstreamCall::broken(std::string_view what) const {
  return {ErrorKind::UpstreamRejected,
          "provider '" + pool_.provider().name + "': " + std::string(what)};
}

Error UpstreamCall::wait_error(std::string_view what) const {
  return proxy::wait_error(wait_point_, pool_.provider(), what);
}

Task<Result<const http1::ResponseHead*>> UpstreamCall::exchange(const UpstreamRequest& request,
                                                                Progress& progress) {
  if (request.rest == nullptr) connection_ = pool_.take_idle();
  bool reused = connection_ != nullptr;
  for (;;) {
    progress.connecting(reused);
    if (!reused) {
      auto made = co_await pool_.connect(wait_point_, now_, failure_kind_);
      if (!made) {
        const bool at_name = failure_kind_ == AttemptFailure::Kind::NoAddress;
        if (wait_point_.over())
          note_timeout(at_name ? failure_kind_ : AttemptFailure::Kind::ConnectTimeout);
        co_return made.error();
      }
      connection_ = std::move(*made);
    }
    connection_->attach(&wait_point_);
    progress.connected();
    wait_point_.set_deadline(now_ + timeouts_.first_byte);

    connection_->arm();
    BufferSequence left = request.buffers;
    const Connection::Sent sent = connection_->send_now(left);
    request_sent_ = sent == Connection::Sent::All;
    Result<void> answered;
    if (!request_sent_ || request.rest != nullptr) {
      answered = co_await send_on(left, sent, request.rest);
    }
    // The provider may have answered although the write failed; its answer tells more.
    if (!wait_point_.over() && !rest_failed_)
      answered = co_await read_head(request.answers, progress);
    if (answered) co_return &head_;
    const bool was_stale = reused && !got_bytes_ && connection_->ended() && !wait_point_.over();
    if (!was_stale) {
      failure_kind_ = AttemptFailure::Kind::Reset;
      if (wait_point_.over()) note_timeout(AttemptFailure::Kind::FirstByteTimeout);
      co_return answered.error();
    }
    reused = false;
    connection_.reset();
  }
}

void UpstreamCall::note_timeout(AttemptFailure::Kind fault) {
  failure_kind_ =
      wait_point_.interrupted() != Interrupt::None ? AttemptFailure::Kind::Interrupted : fault;
}

/// Sends what the kernel did not take at once, and the rest. A request most often needs neither.
Task<Result<void>> UpstreamCall::send_on(BufferSequence& buffers, Connection::Sent sent,
                                         RequestRest* rest) {
  if (sent == Connection::Sent::Some) sent = co_await send_waiting(buffers);
  request_sent_ = sent == Connection::Sent::All;
  if (request_sent_ && rest != nullptr) co_return co_await send_rest(*rest);
  if (request_sent_) co_return Result<void>();
  if (wait_point_.over()) co_return wait_error("no answer in time");
  co_return broken("the connection was closed while the request was sent");
}

/// Whether the provider has begun its answer, or gone. It may send interim answers before that.
bool UpstreamCall::answers() {
  for (;;) {
    connection_->pull();
    if (connection_->unread().empty()) return connection_->ended();
    head_.clear();
    const http1::Progress progress = head_.read(connection_->unread());
    if (progress != http1::Progress::Complete || !head_.informational()) return true;
    connection_->consume(head_.bytes());
  }
}

/// Waits until all is sent. A provider may refuse a request before it has read it whole, and read
/// no further.
Task<Connection::Sent> UpstreamCall::send_waiting(BufferSequence& buffers) {
  for (;;) {
    const bool all =
        co_await connection_->send_rest(buffers, wait_point_, Connection::GiveUp::WhenAnswered);
    if (all) co_return Connection::Sent::All;
    if (wait_point_.over() || answers()) co_return Connection::Sent::Failed;
    const Connection::Sent sent = connection_->send_now(buffers);
    if (sent != Connection::Sent::Some) co_return sent;
  }
}

/// Sends each piece as it comes, one at a time, until the provider answers or all is sent.
Task<Result<void>> UpstreamCall::send_rest(RequestRest& rest) {
  request_sent_ = false;
  for (;;) {
    connection_->arm();
    if (answers()) co_return Result<void>();
    BufferSequence piece;
    const RequestRest::Next next = rest.next(piece);
    if (next == RequestRest::Next::Failed) {
      rest_failed_ = true;
      co_return wait_error("the request was not completed");
    }
    if (next == RequestRest::Next::Later) {
      co_await wait_point_.wait();
      if (wait_point_.interrupted() != Interrupt::None) co_return wait_error("");
      continue;
    }
    wait_point_.set_deadline(now_ + timeouts_.first_byte);
    Connection::Sent sent = connection_->send_now(piece);
    if (sent == Connection::Sent::Some) sent = co_await send_waiting(piece);
    if (wait_point_.over()) co_return wait_error("the request was not taken in time");
    if (sent != Connection::Sent::All) co_return Result<void>();  // its answer tells why
    request_sent_ = next == RequestRest::Next::Last;
    if (request_sent_) co_return Result<void>();
  }
}

Task<Result<void>> UpstreamCall::read_head(http1::ResponseHead::Answers answers,
                                           Progress& progress) {
  head_.clear();
  int interim = 0;
  for (;;) {
    connection_->pull();
    const std::string_view bytes = connection_->unread();
    if (!bytes.empty() && !std::exchange(got_bytes_, true)) progress.first_byte();
    switch (bytes.empty() ? http1::Progress::NeedMore : head_.read(bytes, answers)) {
      case http1::Progress::Refused:
        co_return broken(head_.refusal().reason);
      case http1::Progress::Complete:
        connection_->consume(head_.bytes());
        if (!head_.informational()) {
          decoder_ = http1::BodyDecoder::of(head_);
          if (const auto coding = head_.fields().get(http1::FieldName::ContentEncoding)) {
            note_coding(*coding);
          }
          co_return Result<void>();
        }
        if (++interim > InterimMax) co_return broken("too many interim answers");
        head_.clear();
        continue;
      case http1::Progress::NeedMore:
        break;
    }
    if (connection_->ended()) co_return broken("the connection was closed before it answered");
    if (connection_->full()) {
      connection_->make_room(head_.bytes_max() + Connection::SmallBytes);
      if (connection_->decryptable()) continue;
    }
    connection_->arm();
    co_await wait_point_.wait();
    if (wait_point_.over()) co_return wait_error("no answer in time");
  }
}

Result<std::span<char>> UpstreamCall::decode(std::span<char> raw) {
  // Moves the chunks' payloads together in place, so that one read leads to one write.
  std::string_view in(raw.data(), raw.size());
  char* out = raw.data();
  while (!in.empty() && decoder_.reading()) {
    const std::string_view payload = decoder_.next(in);
    if (payload.empty()) continue;
    if (payload.data() != out) std::memmove(out, payload.data(), payload.size());
    out += payload.size();
  }
  const std::span<char> payload(raw.data(), static_cast<std::size_t>(out - raw.data()));
  // The relay still passes on the payload before the fault; the next call reports the fault.
  if (decoder_.refused() && payload.empty()) return broken(decoder_.refusal().reason);
  if (!in.empty()) surplus_ = true;
  return payload;
}

void UpstreamCall::keep_head() {
  if (!kept_head_.empty()) return;
  kept_head_.assign(head_.fields().base(), head_.bytes());
  head_.rebase(kept_head_.data());
}

void UpstreamCall::note_coding(std::string_view coding) {
  if (http1::Inflater::undoes(coding)) inflater_.emplace();
  readable_ = inflater_ || coding.empty() || http1::equal_ignoring_case(coding, "identity");
}

void UpstreamCall::inflate(std::string_view begin) {
  inflater_.emplace();
  inflater_->take(begin);
}

Result<std::span<char>> UpstreamCall::inflated_now() {
  for (;;) {
    const std::span<char> text = inflater_->next();
    if (!inflater_->refusal().empty()) return broken(inflater_->refusal());
    if (!text.empty()) return text;
    const auto payload = payload_now();
    if (!payload) return payload;
    if (payload->empty()) {
      const bool cut = decoder_.done() && !inflater_->ended();
      return cut ? broken("its compressed answer was cut") : payload;
    }
    inflater_->take({payload->data(), payload->size()});
  }
}

Result<std::span<char>> UpstreamCall::payload_now() {
  for (;;) {
    if (decoder_.refused()) return broken(decoder_.refusal().reason);
    if (decoder_.done()) return std::span<char>();
    const std::span<char> raw = connection_->take();
    if (raw.empty()) return std::span<char>();
    const auto payload = decode(raw);
    if (!payload || !payload->empty()) return payload;
  }
}

Task<Result<std::span<char>>> UpstreamCall::body() {
  for (;;) {
    const auto payload = inflater_ ? inflated_now() : payload_now();
    if (!payload || !payload->empty() || body_done()) co_return payload;
    if (connection_->ended() && !connection_->readable()) {
      const bool whole = !inflater_ || inflater_->ended();
      if (decoder_.end_of_stream() && whole) co_return std::span<char>();
      co_return broken("the answer was cut");
    }
    connection_->arm();
    co_await wait_point_.wait();
    if (wait_point_.over()) co_return wait_error("the answer stalled");
  }
}

void UpstreamCall::finish() {
  if (!connection_ || !decoder_.done() || surplus_ || !head_.keep_alive() || !request_sent_) return;
  connection_->pull();
  if (!connection_->unread().empty() || connection_->ended()) return;
  connection_->shrink();
  pool_.give_back(std::move(connection_), now_);
}

}  // namespace vdm::proxy
