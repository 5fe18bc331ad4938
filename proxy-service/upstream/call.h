#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/http1/body.h"
#include "proxy-service/http1/inflater.h"
#include "proxy-service/http1/response_head.h"
#include "proxy-service/upstream/pool.h"

namespace vdm::proxy {

/// The part of a request's body that is still to come while the request is sent.
class RequestRest {
 public:
  virtual ~RequestRest() = default;

  enum class Next : std::uint8_t {
    Some,    ///< bytes to send, which stay in place until the next call
    Last,    ///< the same, or none, and no more follow
    Later,   ///< none yet: the session is woken when there may be, and the deadline is set
    Failed,  ///< the body will not be complete
  };
  virtual Next next(BufferSequence& piece) = 0;
};

/// The bytes of one request to a provider. They must stay in place until the
/// answer's head has arrived, since the call sends them again when a pooled
/// connection turns out to be closed.
struct UpstreamRequest {
  BufferSequence buffers;
  /// What follows the buffers, and cannot be sent twice: such a request gets a new connection.
  RequestRest* rest = nullptr;
  http1::ResponseHead::Answers answers = http1::ResponseHead::Answers::Get;
};

/// One request to a provider and its answer. The call takes a pooled connection or
/// makes one; it replaces a pooled one that the provider had closed, once, since
/// the provider read nothing of the request. Its destructor closes the connection;
/// finish() after the last byte returns it to the pool. Thread: its IoThread.
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

  /// The call reports each step that it completes, for the request's report.
  struct Progress {
    virtual ~Progress() = default;
    virtual void connecting(bool reused) = 0;
    virtual void connected() = 0;
    virtual void first_byte() = 0;
  };

  /// Sends the request and reads the answer's head; skips interim answers (1xx).
  Task<Result<const http1::ResponseHead*>> exchange(const UpstreamRequest& request,
                                                    Progress& progress);

  /// The answer's head, after exchange().
  const http1::ResponseHead& head() const { return head_; }
  /// The next payload bytes of the answer as one block, which the caller may change
  /// in place; empty at the end. They are valid until this thread waits. A body that the head
  /// calls gzip or deflate comes inflated, though it was not asked for so. An answer that
  /// is cut short or malformed is UpstreamRejected. The caller sets the deadline.
  Task<Result<std::span<char>>> body();
  /// What body() would return without waiting; empty when it would have to wait.
  Result<std::span<char>> body_now() { return inflater_ ? inflated_now() : payload_now(); }
  bool body_done() const { return decoder_.done() && (!inflater_ || inflater_->ended()); }
  /// Whether the body comes as the text that it is: not in a coding that cannot be undone.
  bool readable() const { return readable_; }
  /// Inflates the body, whose first bytes are `begin`: the head does not say that it is compressed.
  void inflate(std::string_view begin);
  /// Whether the body's length and coding are other than the head says.
  bool inflates() const { return inflater_.has_value(); }
  /// Copies the head, whose bytes are valid only until this thread waits, so that they last.
  void keep_head();
  /// After exchange() failed: how.
  AttemptFailure::Kind failure_kind() const { return failure_kind_; }
  const UpstreamTimeouts& timeouts() const { return timeouts_; }
  const Provider& provider() const { return pool_.provider(); }
  /// From now on the session waits for the provider for at most `time`.
  void set_deadline(std::chrono::milliseconds time) { wait_point_.set_deadline(now_ + time); }

  /// Call it when the answer is read to its end: the connection may serve another request.
  void finish();

 private:
  Task<Result<void>> send_on(BufferSequence& buffers, Connection::Sent sent, RequestRest* rest);
  Task<Result<void>> send_rest(RequestRest& rest);
  Task<Connection::Sent> send_waiting(BufferSequence& buffers);
  bool answers();
  Task<Result<void>> read_head(http1::ResponseHead::Answers answers, Progress& progress);
  Result<std::span<char>> payload_now();
  Result<std::span<char>> inflated_now();
  void note_coding(std::string_view coding);
  Result<std::span<char>> decode(std::span<char> raw);
  void note_timeout(AttemptFailure::Kind fault);
  Error broken(std::string_view what) const;
  Error wait_error(std::string_view what) const;

  ProviderPool& pool_;
  const UpstreamTimeouts timeouts_;
  WaitPoint& wait_point_;
  const MonotonicTime& now_;
  Connection::Ptr connection_;
  http1::ResponseHead head_;
  std::string kept_head_;
  http1::BodyDecoder decoder_;
  std::optional<http1::Inflater> inflater_;
  AttemptFailure::Kind failure_kind_ = AttemptFailure::Kind::Reset;
  bool readable_ = true;
  bool got_bytes_ = false;
  bool surplus_ = false;
  bool request_sent_ = false;
  bool rest_failed_ = false;
};

}  // namespace vdm::proxy
