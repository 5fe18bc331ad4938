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

/// One Subscribe call. It keeps a position in the tracker's ring of events and takes from there the
/// events that pass its filter, one write at a time, so that a backlog needs no memory of its own.
/// A reader whose position has left the ring is given what history has of it, page by page; then a
/// Reset and a snapshot, unless history has all that its filter selects. Thread: owner only, except
/// gRPC's callbacks, which only post to the owner.
class Subscriber final : public grpc::ServerWriteReactor<v1::SubscribeReply>,
                         public std::enable_shared_from_this<Subscriber> {
 public:
  static Subscriber* open(std::shared_ptr<EventsHost> host, grpc::CallbackServerContext& context,
                          const v1::SubscribeRequest& request);

  /// Call it when the tracker may have changed.
  void wake();
  /// Runs every second: sends heartbeats, and ends a reader that does not read.
  void check(MonotonicTime now);
  void finish(const grpc::Status& status);

 private:
  Subscriber(std::shared_ptr<EventsHost> host, grpc::CallbackServerContext& context,
             const v1::SubscribeRequest& request);

  /// The place up to which the reader has been told. Nothing told: not known.
  struct Place {
    std::uint64_t revision = 0;
    std::optional<std::uint64_t> told;
  };

  void begin();
  void resume();
  void begin_at(const Place& place);
  void reset(const std::string& reason, std::uint64_t lost);
  void reset_at(const Place& place, const std::string& reason, std::uint64_t lost);
  /// Has history give what the ring no longer has, or resets.
  void fall_back();
  void take_page(const HistoryPage& page);
  void ask_page();
  void end_fall_back();
  void queue_snapshot();
  void count_unread();
  void pump();
  bool fill_next();
  bool fill_event();
  void refuse_slow(const char* why);
  std::string cursor_at(const Place& place) const;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  const std::shared_ptr<EventsHost> host_;
  grpc::CallbackServerContext& context_;
  const v1::SubscribeRequest request_;
  EventFilter filter_;

  std::deque<v1::SubscribeReply> first_;  // reset and snapshot parts, sent before any event
  std::deque<LiveEventPtr> taken_;        // events from the ring that are not written yet
  Place position_;                        // every revision up to here was written or filtered out
  Place written_to_;              // every revision up to here is in a write that gRPC has finished
  std::uint64_t taken_told_ = 0;  // how many events were told up to there
  std::uint64_t taken_to_ = 0;    // every revision up to here was taken out of the ring
  std::uint64_t unread_to_ = 0;   // every revision up to here was counted by count_unread()
  std::uint64_t unread_bytes_ = 0;
  struct FallBack {
    std::uint64_t page_to = 0;  // history was read up to here
    bool asked = false;         // a page is on its way
    MonotonicTime begun{};
  };
  std::optional<FallBack> fall_back_;  // while the reader is given rows of history
  bool heartbeat_due_ = false;
  MonotonicTime last_write_{};
  std::optional<MonotonicTime> write_started_;
  v1::SubscribeReply reply_;
  std::optional<MonotonicTime> finished_at_;
  std::shared_ptr<Subscriber> self_;
};

}  // namespace vdm::metrics
