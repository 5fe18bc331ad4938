#pragma once

#include <span>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/http1/body.h"
#include "proxy-service/http1/response_head.h"
#include "proxy-service/upstream/pool.h"

namespace vdm::proxy {

/// The bytes of one request to a provider. They stay where they are until the
/// answer's head has come, since a connection that turns out to be closed means
/// sending them again.
struct UpstreamRequest {
  BufferSequence buffers;
  http1::ResponseHead::Answers answers = http1::ResponseHead::Answers::Get;
};

/// One request to a provider and its answer. Takes a pooled connection or makes
/// one; a pooled one that the provider had closed is replaced once, as nothing of
/// the request was read then. Leaving early closes the connection; finish() after
/// the last byte returns it to the pool. Thread: its IoThread.
class UpstreamCall {
 public:
  UpstreamCall(ProviderPool& pool, const UpstreamTimeouts& timeouts, WaitPoint& wait_point,
               const MonotonicTime& now)
      : pool_(pool),
        timeouts_(timeouts),
        wait_point_(wait_point),
        now_(now),
        head_(pool.head_bytes_max()) {}
  /// With the provider's own timeouts.
  UpstreamCall(ProviderPool& pool, WaitPoint& wait_point, const MonotonicTime& now)
      : UpstreamCall(pool, pool.provider().timeouts, wait_point, now) {}

  /// Called as the call gets further, for the report.
  struct Progress {
    virtual ~Progress() = default;
    virtual void connecting(bool reused) = 0;
    virtual void connected() = 0;
    virtual void first_byte() = 0;
  };

  /// Sends the request and reads the answer's head; interim answers are skipped.
  Task<Result<const http1::ResponseHead*>> exchange(const UpstreamRequest& request,
                                                    Progress& progress);

  /// The next payload bytes of the answer, in one piece, which may be changed in
  /// place; empty at the end. They hold until this thread waits. An answer that is
  /// cut or malformed is UpstreamRejected; the deadline is the caller's to set.
  Task<Result<std::span<char>>> body();
  /// What body() would give without waiting; empty when it would have to wait.
  Result<std::span<char>> body_now();
  bool body_done() const { return decoder_.done(); }
  /// After exchange() failed: in what way.
  AttemptFailure::Kind failure_kind() const { return failure_kind_; }
  const UpstreamTimeouts& timeouts() const { return timeouts_; }
  const Provider& provider() const { return pool_.provider(); }
  /// From now on the session waits no longer than that for the provider.
  void set_deadline(std::chrono::milliseconds time) { wait_point_.set_deadline(now_ + time); }

  /// The answer has been read to its end: the connection may serve another.
  void finish();

 private:
  Task<Result<void>> send(UpstreamRequest request);
  Task<Result<void>> read_head(http1::ResponseHead::Answers answers, Progress& progress);
  Result<std::span<char>> decode(std::span<char> raw);
  void note_timeout(AttemptFailure::Kind fault);
  Error broken(std::string_view what) const;
  Error gave_up(std::string_view what) const;

  ProviderPool& pool_;
  const UpstreamTimeouts timeouts_;
  WaitPoint& wait_point_;
  const MonotonicTime& now_;
  Connection::Ptr connection_;
  http1::ResponseHead head_;
  http1::BodyDecoder decoder_;
  AttemptFailure::Kind failure_kind_ = AttemptFailure::Kind::Reset;
  bool got_bytes_ = false;
  bool surplus_ = false;
  bool request_sent_ = false;
};

}  // namespace vdm::proxy
