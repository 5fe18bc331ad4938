#include "metrics-service/ingest/ingest_session.h"

#include <iterator>
#include <utility>

#include <boost/asio/post.hpp>

#include "common/base/log.h"
#include "metrics-service/rpc/peer_address.h"

namespace vdm::metrics {
namespace {

constexpr std::size_t CommandsMax = 256;

grpc::Status invalid(const std::string& message) {
  return {grpc::StatusCode::INVALID_ARGUMENT, message};
}

/// Decodes a message, wherever gRPC has cut it.
Result<IngestMessage> decode_bytes(const grpc::ByteBuffer& bytes, LeftOut& left_out) {
  grpc::Slice whole;
  const bool is_there = bytes.TrySingleSlice(&whole).ok() || bytes.DumpToSingleSlice(&whole).ok();
  if (!is_there) return Error{ErrorKind::InvalidRequest, "message: its bytes cannot be read"};
  const std::string_view text(reinterpret_cast<const char*>(whole.begin()), whole.size());
  return metrics::decode(text, left_out);
}

}  // namespace

void log_refusal(IngestHost& host, const std::string& peer, const std::string& instance,
                 const grpc::Status& status) {
  if (host.options.audit != nullptr) {
    host.options.audit->refused({.address = peer_address(peer),
                                 .action = "report",
                                 .target = instance,
                                 .outcome = status.error_message()});
  }
  const auto left_out = host.refusals.admit();
  if (!left_out) return;
  log::warning("ingest stream refused", {{"peer", peer_name(peer)},
                                         {"instance", instance},
                                         {"why", status.error_message()},
                                         {"not_logged_before", std::to_string(*left_out)}});
}

IngestSession::IngestSession(std::shared_ptr<IngestHost> host, grpc::CallbackServerContext& context,
                             std::optional<Sha256> token)
    : host_(std::move(host)),
      context_(context),
      opened_at_(host_->clock.monotonic()),
      token_(token) {}

IngestSession* IngestSession::open(std::shared_ptr<IngestHost> host,
                                   grpc::CallbackServerContext& context,
                                   std::optional<Sha256> token) {
  std::shared_ptr<IngestSession> session(new IngestSession(std::move(host), context, token));
  session->self_ = session;
  boost::asio::post(session->host_->owner, [session] { session->begin(); });
  return session.get();
}

void IngestSession::begin() {
  if (!host_->open) return finish({grpc::StatusCode::UNAVAILABLE, "shutting down"});
  if (host_->sessions.size() >= host_->options.streams_max) {
    return finish({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many proxies"});
  }
  host_->sessions.insert(shared_from_this());
  StartRead(&request_);
}

// --- on gRPC's threads -----------------------------------------------------------

void IngestSession::OnReadDone(bool ok) {
  if (!ok) {
    boost::asio::post(host_->owner,
                      [self = shared_from_this()] { self->finish(grpc::Status::OK); });
    return;
  }
  LeftOut left_out;
  auto message = decode_bytes(request_, left_out);
  request_.Clear();
  boost::asio::post(host_->owner,
                    [self = shared_from_this(), message = std::move(message), left_out]() mutable {
                      self->on_message(std::move(message));
                      if (left_out.numbers > 0) self->note_left_out(left_out.numbers);
                    });
}

void IngestSession::OnWriteDone(bool ok) {
  boost::asio::post(host_->owner, [self = shared_from_this(), ok] {
    self->write_started_.reset();
    if (ok) return self->pump();
    self->finish(grpc::Status::OK);
  });
}

void IngestSession::OnDone() {
  // Tasks posted to the owner may still hold the session; the last holder deletes it.
  const std::shared_ptr<IngestSession> self = std::move(self_);
}

// --- on the owner's thread -------------------------------------------------------

void IngestSession::on_message(Result<IngestMessage> message) {
  if (finished_) return;
  const grpc::Status status =
      message ? apply(std::move(*message)) : invalid(message.error().message);
  if (!status.ok()) {
    log_refusal(*host_, context_.peer(), instance_id_, status);
    return finish(status);
  }
  if (finished_) return;  // by the message itself
  pump();
  StartRead(&request_);
}

/// Says that a message had numbers that cannot be: in the proxy's row, and in the log.
void IngestSession::note_left_out(std::uint64_t numbers) {
  if (finished_ || instance_id_.empty()) return;
  host_->pipeline.left_out(instance_id_, numbers);
  if (const auto unsaid = host_->left_out.admit()) {
    log::warning("numbers that cannot be were left out",
                 {{"instance", instance_id_},
                  {"numbers", std::to_string(numbers)},
                  {"not_logged_before", std::to_string(*unsaid)}});
  }
}

grpc::Status IngestSession::apply(IngestMessage&& message) {
  if (const auto* wrong = std::get_if<WrongProtocol>(&message)) {
    return {grpc::StatusCode::FAILED_PRECONDITION, "hello.protocol: expected " +
                                                       std::to_string(IngestProtocol) + ", got " +
                                                       std::to_string(wrong->protocol)};
  }
  if (const auto* hello = std::get_if<ProxyHello>(&message)) return on_hello(*hello);
  if (instance_id_.empty()) return invalid("message: expected hello first");
  if (const auto* batch = std::get_if<DecodedBatch>(&message)) return on_batch(*batch);
  if (auto* part = std::get_if<SnapshotPart>(&message)) return on_snapshot(std::move(*part));
  if (std::holds_alternative<ProxyGoodbye>(message)) return on_goodbye();
  const auto& heartbeat = std::get<ProxyHeartbeat>(message);
  if (host_->pipeline.heartbeat(instance_id_, heartbeat)) ask_for_snapshot();
  return grpc::Status::OK;
}

grpc::Status IngestSession::on_hello(const ProxyHello& hello) {
  if (!instance_id_.empty()) return invalid("hello: expected once, at the start of the stream");
  session_ = ++host_->sessions_opened;
  ProxyHello opened = hello;
  opened.session = session_;
  const HelloReply reply = host_->pipeline.hello(opened);
  if (reply.is_of_another) {
    return {grpc::StatusCode::PERMISSION_DENIED,
            "hello.secret: expected the one with which " + hello.instance_id + " began"};
  }
  instance_id_ = hello.instance_id;
  // The new stream is registered before the old one is removed, so that the proxy always has one.
  IngestSession* replaced = std::exchange(host_->by_instance[instance_id_], this);
  if (replaced != nullptr) {
    replaced->finish({grpc::StatusCode::ABORTED, "replaced by a newer stream of this instance"});
  }
  acknowledged_seq_ = reported_seq_ = reply.last_committed_seq;
  reported_credit_ = host_->credit_bytes;
  welcome_.emplace();
  welcome_->set_last_committed_seq(reply.last_committed_seq);
  welcome_->set_credit_bytes(reported_credit_);
  welcome_->set_service_version(host_->options.version);
  log::info("proxy connected", {{"proxy", hello.proxy_name},
                                {"instance", instance_id_},
                                {"version", hello.version},
                                {"last_committed_seq", std::to_string(reported_seq_)}});
  return grpc::Status::OK;
}

grpc::Status IngestSession::on_batch(const DecodedBatch& batch) {
  const std::uint64_t first_most = host_->pipeline.tracker().first_seq_most(instance_id_);
  if (batch.first_seq > first_most) {
    return invalid("batch.first_seq: expected at most " + std::to_string(first_most) + ", got " +
                   std::to_string(batch.first_seq));
  }
  const bool goes_on = host_->pipeline.report(instance_id_, batch.first_seq, batch.events,
                                              [weak = weak_from_this()](std::uint64_t seq) {
                                                if (const auto self = weak.lock())
                                                  self->acknowledge(seq);
                                              });
  if (goes_on) return grpc::Status::OK;
  return {grpc::StatusCode::UNAVAILABLE, "history is kept again: send what is not acknowledged"};
}

grpc::Status IngestSession::on_snapshot(SnapshotPart&& part) {
  if (!snapshot_.entries.empty() && part.as_of_seq != snapshot_.as_of_seq) {
    return invalid("active_snapshot.as_of_seq: expected the same in every part");
  }
  if (snapshot_.entries.size() + part.entries.size() > host_->options.snapshot_entries_max) {
    return invalid("active_snapshot.requests: expected at most " +
                   std::to_string(host_->options.snapshot_entries_max) + " in all parts");
  }
  snapshot_.as_of_seq = part.as_of_seq;
  std::move(part.entries.begin(), part.entries.end(), std::back_inserter(snapshot_.entries));
  if (!part.last) return grpc::Status::OK;

  const SnapshotPart whole = std::exchange(snapshot_, {});
  snapshot_asked_ = false;
  if (host_->pipeline.active_snapshot(instance_id_, whole.as_of_seq, whole.entries)) {
    ask_for_snapshot();
  }
  return grpc::Status::OK;
}

/// The stream ends well when all that its process left is stored.
grpc::Status IngestSession::on_goodbye() {
  const bool is_taken = host_->pipeline.goodbye(instance_id_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->finish(grpc::Status::OK);
  });
  if (is_taken) return grpc::Status::OK;
  return {grpc::StatusCode::UNAVAILABLE, "history is not kept now: say it again"};
}

void IngestSession::acknowledge(std::uint64_t seq) {
  if (finished_ || seq <= acknowledged_seq_) return;
  acknowledged_seq_ = seq;
  pump();
}

void IngestSession::ask_for_snapshot() {
  // A request for a snapshot is already queued or sent.
  if (std::exchange(snapshot_asked_, true)) return;
  commands_.emplace_back().mutable_send_active_snapshot();
}

bool IngestSession::cancel_request(std::string_view request_id) {
  if (finished_ || commands_.size() >= CommandsMax) return false;
  commands_.emplace_back().mutable_cancel()->set_request_id(std::string(request_id));
  pump();
  return true;
}

void IngestSession::check_deadline(MonotonicTime now) {
  const auto deadline = host_->options.write_deadline;
  const bool does_not_read = write_started_ && now - *write_started_ > deadline;
  const bool says_nothing = instance_id_.empty() && now - opened_at_ > deadline;
  if (does_not_read || says_nothing) context_.TryCancel();
}

void IngestSession::check_token() {
  if (!token_ || host_->options.tokens->holds(*token_)) return;
  const grpc::Status status(grpc::StatusCode::UNAUTHENTICATED,
                            "the ingest token is no longer one of this service's");
  log_refusal(*host_, context_.peer(), instance_id_, status);
  finish(status);
}

/// Writes one message at a time: the welcome first, then commands, then acknowledgements.
void IngestSession::pump() {
  if (finished_ || write_started_ || instance_id_.empty()) return;
  const std::uint64_t credit = host_->credit_bytes;
  if (welcome_) {
    *reply_.mutable_welcome() = *std::exchange(welcome_, std::nullopt);
  } else if (!commands_.empty()) {
    *reply_.mutable_command() = std::move(commands_.front());
    commands_.pop_front();
  } else if (acknowledged_seq_ > reported_seq_ || credit != reported_credit_) {
    reply_.mutable_ack()->set_committed_seq(acknowledged_seq_);
    reply_.mutable_ack()->set_credit_bytes(credit);
    reported_seq_ = acknowledged_seq_;
    reported_credit_ = credit;
  } else {
    return;
  }
  write_started_ = host_->clock.monotonic();
  const grpc::Slice bytes(reply_.SerializeAsString());
  reply_bytes_ = grpc::ByteBuffer(&bytes, 1);
  StartWrite(&reply_bytes_);
}

void IngestSession::finish(const grpc::Status& status) {
  if (std::exchange(finished_, true)) return;
  leave();
  Finish(status);
}

void IngestSession::leave() {
  host_->sessions.erase(shared_from_this());
  if (instance_id_.empty()) return;  // the peer never sent a Hello
  const auto found = host_->by_instance.find(instance_id_);
  if (found != host_->by_instance.end() && found->second == this) host_->by_instance.erase(found);
  log::info("proxy disconnected", {{"instance", instance_id_}});
  if (host_->open) host_->pipeline.stream_closed(instance_id_, session_);
}

}  // namespace vdm::metrics
