#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include <vdm/metrics/v1/events.grpc.pb.h>

#include "metrics-service/events/event_filter.h"
#include "metrics-service/events/events_host.h"

namespace vdm::metrics {

/// One Subscribe call. It has a place in the tracker's ring of events and takes from there
/// what its filter lets through, one write at a time, so that its backlog costs no memory of its
/// own. A reader that falls out of the ring gets a Reset and a snapshot. Thread: owner only, but
/// for gRPC's callbacks, which only post.
class Subscriber final : public grpc::ServerWriteReactor<v1::SubscribeReply>,
                         public std::enable_shared_from_this<Subscriber> {
 public:
  static Subscriber* open(std::shared_ptr<EventsHost> host, grpc::CallbackServerContext& context,
                          const v1::SubscribeRequest& request);

  /// The tracker may have moved on.
  void wake();
  /// Every second: heartbeats, and readers that do not read.
  void check(MonotonicTime now);
  void finish(const grpc::Status& status);

 private:
  Subscriber(std::shared_ptr<EventsHost> host, grpc::CallbackServerContext& context,
             const v1::SubscribeRequest& request);

  void begin();
  void reset(const std::string& reason, std::uint64_t lost);
  void queue_snapshot();
  void count_unread();
  void pump();
  bool fill_next();
  bool fill_event();
  void refuse_slow(const char* why);
  std::string cursor_at(std::uint64_t revision) const;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  const std::shared_ptr<EventsHost> host_;
  grpc::CallbackServerContext& context_;
  const v1::SubscribeRequest request_;
  EventFilter filter_;

  std::deque<v1::SubscribeReply> first_;  // reset and snapshot parts, before any event
  std::deque<LiveEventPtr> taken_;        // out of the ring, not yet written
  std::uint64_t position_ = 0;            // all up to here is written or filtered out
  std::uint64_t written_to_ = 0;          // the same, and gRPC has taken it
  std::uint64_t taken_to_ = 0;            // all up to here was taken out of the ring
  std::uint64_t unread_to_ = 0;           // all up to here was counted while a write waits
  std::uint64_t unread_bytes_ = 0;
  bool heartbeat_due_ = false;
  MonotonicTime last_write_{};
  std::optional<MonotonicTime> write_started_;
  v1::SubscribeReply reply_;
  std::optional<MonotonicTime> finished_at_;
  std::shared_ptr<Subscriber> self_;
};

}  // namespace vdm::metrics
