#include "proxy-service/upstream/call.h"

#include <cstring>
#include <string>
#include <utility>

#include "proxy-service/upstream/gave_up.h"

namespace vdm::proxy {
namespace {

// A provider may announce itself (100, 103) before it answers, but not for ever.
constexpr int InterimMax = 8;

}  // namespace

Error UpstreamCall::broken(std::string_view what) const {
  return {ErrorKind::UpstreamRejected,
          "provider '" + pool_.provider().name + "': " + std::string(what)};
}

Error UpstreamCall::gave_up(std::string_view what) const {
  return proxy::gave_up(waiting_, pool_.provider(), what);
}

Task<Result<const http1::ResponseHead*>> UpstreamCall::exchange(const UpstreamRequest& request,
                                                                Progress& progress) {
  wire_ = pool_.take_idle();
  bool reused = wire_ != nullptr;
  for (;;) {
    progress.connecting(reused);
    if (!reused) {
      auto made = co_await pool_.connect(waiting_, now_, fault_);
      if (!made) {
        if (waiting_.over()) note_timeout(Fault::ConnectTimeout);
        co_return made.error();
      }
      wire_ = std::move(*made);
    }
    wire_->attach(&waiting_);
    progress.connected();
    waiting_.set_deadline(now_ + timeouts_.first_byte);

    auto answered = co_await send(request);
    // What a provider said is worth more than a write that failed.
    if (!waiting_.over()) answered = co_await read_head(request.answers, progress);
    if (answered) co_return &head_;
    const bool was_stale = reused && !got_bytes_ && wire_->ended() && !waiting_.over();
    if (!was_stale) {
      fault_ = Fault::Reset;
      if (waiting_.over()) note_timeout(Fault::FirstByteTimeout);
      co_return answered.error();
    }
    reused = false;
    wire_.reset();
  }
}

void UpstreamCall::note_timeout(Fault fault) {
  fault_ = waiting_.interrupted() != Interrupt::None ? Fault::Interrupted : fault;
}

Task<Result<void>> UpstreamCall::send(UpstreamRequest request) {
  wire_->arm();
  Wire::Sent sent = wire_->send_now(request.pieces);
  if (sent == Wire::Sent::Some) {
    // A provider may refuse before it has read everything, and read no further.
    const bool all =
        co_await wire_->send_rest(request.pieces, waiting_, Wire::GiveUp::WhenAnswered);
    sent = all ? Wire::Sent::All : Wire::Sent::Failed;
  }
  request_sent_ = sent == Wire::Sent::All;
  if (request_sent_) co_return Result<void>();
  if (waiting_.over()) co_return gave_up("no answer in time");
  co_return broken("the connection was closed while the request was sent");
}

Task<Result<void>> UpstreamCall::read_head(http1::ResponseHead::Answers answers,
                                           Progress& progress) {
  head_.clear();
  int interim = 0;
  for (;;) {
    wire_->pull();
    const std::string_view bytes = wire_->unread();
    if (!bytes.empty() && !std::exchange(got_bytes_, true)) progress.first_byte();
    switch (bytes.empty() ? http1::Progress::NeedMore : head_.read(bytes, answers)) {
      case http1::Progress::Refused:
        co_return broken(head_.refusal().reason);
      case http1::Progress::Complete:
        wire_->consume(head_.bytes());
        if (!head_.informational()) {
          decoder_ = http1::BodyDecoder::of(head_);
          co_return Result<void>();
        }
        if (++interim > InterimMax) co_return broken("too many interim answers");
        head_.clear();
        continue;
      case http1::Progress::NeedMore:
        break;
    }
    if (wire_->ended()) co_return broken("the connection was closed before it answered");
    if (wire_->full()) {
      wire_->make_room(head_.bytes_max() + Wire::SmallBytes);
      if (wire_->decryptable()) continue;
    }
    wire_->arm();
    co_await waiting_.wait();
    if (waiting_.over()) co_return gave_up("no answer in time");
  }
}

Result<std::span<char>> UpstreamCall::decode(std::span<char> raw) {
  // Chunks are moved together in place: what one read brought becomes one write.
  std::string_view in(raw.data(), raw.size());
  char* out = raw.data();
  while (!in.empty() && decoder_.reading()) {
    const std::string_view payload = decoder_.next(in);
    if (payload.empty()) continue;
    if (payload.data() != out) std::memmove(out, payload.data(), payload.size());
    out += payload.size();
  }
  const std::span<char> payload(raw.data(), static_cast<std::size_t>(out - raw.data()));
  // What was whole before the fault is still relayed; the next call reports it.
  if (decoder_.refused() && payload.empty()) return broken(decoder_.refusal().reason);
  if (!in.empty()) surplus_ = true;
  return payload;
}

Result<std::span<char>> UpstreamCall::body_now() {
  for (;;) {
    if (decoder_.refused()) return broken(decoder_.refusal().reason);
    if (decoder_.done()) return std::span<char>();
    const std::span<char> raw = wire_->take();
    if (raw.empty()) return std::span<char>();
    const auto payload = decode(raw);
    if (!payload || !payload->empty()) return payload;
  }
}

Task<Result<std::span<char>>> UpstreamCall::body() {
  for (;;) {
    const auto payload = body_now();
    if (!payload || !payload->empty() || decoder_.done()) co_return payload;
    if (wire_->ended() && !wire_->readable()) {
      if (decoder_.end_of_stream()) co_return std::span<char>();
      co_return broken("the answer was cut");
    }
    wire_->arm();
    co_await waiting_.wait();
    if (waiting_.over()) co_return gave_up("the answer stalled");
  }
}

void UpstreamCall::finish() {
  if (!wire_ || !decoder_.done() || surplus_ || !head_.keep_alive() || !request_sent_) return;
  wire_->pull();
  if (!wire_->unread().empty() || wire_->ended()) return;
  wire_->shrink();
  pool_.give_back(std::move(wire_), now_);
}

}  // namespace vdm::proxy
