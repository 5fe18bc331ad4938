#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <grpcpp/grpcpp.h>

#include <vdm/metrics/v1/ingest.grpc.pb.h>

#include "metrics-service/ingest/ingest_host.h"
#include "metrics-service/ingest/ingest_message.h"

namespace vdm::metrics {

/// One proxy's stream. gRPC's thread decodes a message and posts it to the owner, which applies it
/// and only then reads the next: a proxy cannot make the service hold more than one of its
/// messages. At most one write is outstanding. Thread: owner only, except gRPC's callbacks, which
/// decode and post.
class IngestSession final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                            public std::enable_shared_from_this<IngestSession> {
 public:
  /// gRPC's service calls it for each new stream; the session keeps itself alive until gRPC has
  /// finished with it. `token`: the hash of the one that was shown; nothing when none is needed.
  static IngestSession* open(std::shared_ptr<IngestHost> host, grpc::CallbackServerContext& context,
                             std::optional<Sha256> token);

  /// Returns false when too many commands are queued.
  bool cancel_request(std::string_view request_id);
  /// Cancels the stream when its peer does not read, or has not sent a Hello in time.
  void check_deadline(MonotonicTime now);
  /// Ends the stream when the token it was opened with is no longer one of ours.
  void check_token();
  /// Starts the next write, unless one is outstanding or there is nothing to send.
  void pump();
  void finish(const grpc::Status& status);

 private:
  IngestSession(std::shared_ptr<IngestHost> host, grpc::CallbackServerContext& context,
                std::optional<Sha256> token);

  void begin();
  void on_message(Result<IngestMessage> message);
  void note_left_out(std::uint64_t numbers);
  grpc::Status apply(IngestMessage&& message);
  grpc::Status on_hello(const ProxyHello& hello);
  grpc::Status on_batch(const DecodedBatch& batch);
  grpc::Status on_snapshot(SnapshotPart&& part);
  grpc::Status on_goodbye();
  void acknowledge(std::uint64_t seq);
  void ask_for_snapshot();
  void leave();

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

  const std::shared_ptr<IngestHost> host_;
  grpc::CallbackServerContext& context_;
  const MonotonicTime opened_at_;
  const std::optional<Sha256> token_;
  grpc::ByteBuffer request_;  ///< as it came: its cost is checked before it is parsed
  v1::ReportReply reply_;
  grpc::ByteBuffer reply_bytes_;

  std::uint64_t session_ = 0;  // this stream among all
  std::string instance_id_;    // empty until the peer sends a Hello
  SnapshotPart snapshot_;
  std::optional<v1::Welcome> welcome_;
  std::deque<v1::Command> commands_;
  std::uint64_t acknowledged_seq_ = 0;
  std::uint64_t reported_seq_ = 0;
  std::uint64_t reported_credit_ = 0;
  bool snapshot_asked_ = false;
  std::optional<MonotonicTime> write_started_;
  bool finished_ = false;
  std::shared_ptr<IngestSession> self_;
};

/// Logs that a stream was refused, within the host's limit. Thread: any.
void log_refusal(IngestHost& host, const std::string& peer, const std::string& instance,
                 const grpc::Status& status);

}  // namespace vdm::metrics
