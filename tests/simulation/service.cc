#include "tests/simulation/service.h"

#include <iterator>
#include <utility>

#include <vdm/metrics/v1/ingest.pb.h>

namespace vdm::simulation {

using metrics::ProxyState;
using metrics::SnapshotPart;

struct Service::Session : std::enable_shared_from_this<Session> {
  std::shared_ptr<Stream> stream;
  std::string instance;  // empty until its Hello
  std::uint64_t number = 0;
  SnapshotPart snapshot;
  std::uint64_t acknowledged = 0;
  bool snapshot_asked = false;

  void write(const metrics::v1::ReportReply& reply) {
    stream->to_proxy.push_back(reply.SerializeAsString());
  }
};

Service::Service(Disk& disk, Books& books, ManualClock& clock, const Sizes& sizes,
                 std::uint64_t& sessions_opened)
    : disk_(disk),
      books_(books),
      clock_(clock),
      sizes_(sizes),
      sessions_opened_(sessions_opened),
      history_(disk, books),
      start_(history_.open()),
      tracker_(metrics::TrackerOptions{.epoch = start_.block.epoch, .lease = Lease}),
      local_log_({.block = start_.block,
                  .is_reserved = true,
                  .block_size = Disk::Block,
                  .reserve =
                      [this](metrics::PositionBlock block, std::function<void()> done) {
                        history_.reserve(std::move(block), std::move(done));
                      }},
                 clock),
      log_(local_log_, books),
      pipeline_(tracker_, log_, history_, clock) {
  books_.service_began();
  pipeline_.restore(start_);
  if (!sizes.has_twin) return;
  twin_ = std::make_unique<Twin>(history_, start_, clock, Lease);
  log_.give_also_to(twin_->fold());
}

Service::~Service() {
  for (const auto& [stream, session] : sessions_) {
    stream->open_at_service = false;
    stream->end = StreamEnd::Unavailable;
  }
}

void Service::receive(const std::shared_ptr<Stream>& stream) {
  if (stream->to_service.empty() || !stream->open_at_service) return;
  std::shared_ptr<Session>& session = sessions_[stream];
  if (!session) {
    session = std::make_shared<Session>();
    session->stream = stream;
  }
  metrics::v1::ReportRequest request;
  request.ParseFromString(stream->to_service.front());
  stream->to_service.pop_front();
  LeftOut left_out;
  auto message = metrics::decode(request, left_out);
  if (!message) return books_.fail("refused: " + message.error().message);
  if (left_out.numbers > 0) books_.fail("numbers were left out");
  const std::shared_ptr<Session> held = session;
  apply(*held, std::move(*message));
}

void Service::apply(Session& session, metrics::IngestMessage&& message) {
  if (const auto* first = std::get_if<metrics::ProxyHello>(&message)) return hello(session, *first);
  if (session.instance.empty()) return books_.fail("a message before the Hello");
  heard_[session.instance] = clock_.monotonic();
  if (const auto* events = std::get_if<DecodedBatch>(&message)) return batch(session, *events);
  if (auto* part = std::get_if<SnapshotPart>(&message)) return snapshot(session, std::move(*part));
  if (std::holds_alternative<metrics::ProxyGoodbye>(message)) {
    heard_.erase(session.instance);
    pipeline_.goodbye(session.instance, [this, weak = session.weak_from_this()] {
      if (const auto self = weak.lock()) finish(*self, StreamEnd::Ok);
    });
    return;
  }
  const auto& heartbeat = std::get<metrics::ProxyHeartbeat>(message);
  if (pipeline_.heartbeat(session.instance, heartbeat)) ask_for_snapshot(session);
}

void Service::hello(Session& session, const metrics::ProxyHello& hello) {
  session.number = ++sessions_opened_;
  metrics::ProxyHello opened = hello;
  opened.session = session.number;
  const metrics::HelloReply reply = pipeline_.hello(opened);
  if (reply.is_of_another) return books_.fail("its own secret was refused");
  heard_[hello.instance_id] = clock_.monotonic();
  session.instance = hello.instance_id;
  Session* const replaced = std::exchange(by_instance_[session.instance], &session);
  if (replaced) finish(*replaced, StreamEnd::Replaced);
  session.acknowledged = reply.last_committed_seq;
  check_acknowledged(session.instance, reply.last_committed_seq);
  metrics::v1::ReportReply welcome;
  welcome.mutable_welcome()->set_last_committed_seq(reply.last_committed_seq);
  welcome.mutable_welcome()->set_credit_bytes(sizes_.credit);
  session.write(welcome);
}

void Service::batch(Session& session, const DecodedBatch& batch) {
  if (batch.first_seq > tracker_.first_seq_most(session.instance)) {
    return books_.fail("a batch begins with " + std::to_string(batch.first_seq) +
                       ", which no Gap declares");
  }
  books_.numbered(session.instance, batch.first_seq, batch.events);
  const bool goes_on = pipeline_.report(
      session.instance, batch.first_seq, batch.events,
      [this, id = session.instance, weak = session.weak_from_this()](std::uint64_t seq) {
        if (twin_) twin_->committed(id, seq);
        if (const auto self = weak.lock()) acknowledge(*self, seq);
      });
  if (!goes_on) books_.fail("asked to send again, without a fault of the disk");
}

void Service::snapshot(Session& session, SnapshotPart&& part) {
  session.snapshot.as_of_seq = part.as_of_seq;
  std::move(part.entries.begin(), part.entries.end(), std::back_inserter(session.snapshot.entries));
  if (!part.last) return;
  const SnapshotPart whole = std::exchange(session.snapshot, {});
  session.snapshot_asked = false;
  if (pipeline_.active_snapshot(session.instance, whole.as_of_seq, whole.entries)) {
    ask_for_snapshot(session);
  }
}

void Service::acknowledge(Session& session, std::uint64_t seq) {
  if (!session.stream->open_at_service || seq <= session.acknowledged) return;
  session.acknowledged = seq;
  check_acknowledged(session.instance, seq);
  metrics::v1::ReportReply reply;
  reply.mutable_ack()->set_committed_seq(seq);
  reply.mutable_ack()->set_credit_bytes(sizes_.credit);
  session.write(reply);
}

void Service::ask_for_snapshot(Session& session) {
  if (std::exchange(session.snapshot_asked, true)) return;
  metrics::v1::ReportReply reply;
  reply.mutable_command()->mutable_send_active_snapshot();
  session.write(reply);
}

void Service::close(const std::shared_ptr<Stream>& stream) {
  const auto found = sessions_.find(stream);
  stream->to_service.clear();
  if (found == sessions_.end()) {
    stream->open_at_service = false;
    stream->end = StreamEnd::Unavailable;
    return;
  }
  const std::shared_ptr<Session> held = found->second;
  finish(*held, StreamEnd::Unavailable);
}

void Service::finish(Session& session, StreamEnd end) {
  Stream& stream = *session.stream;
  if (!std::exchange(stream.open_at_service, false)) return;
  stream.end = end;
  if (session.instance.empty()) return;
  const auto found = by_instance_.find(session.instance);
  if (found != by_instance_.end() && found->second == &session) by_instance_.erase(found);
  pipeline_.stream_closed(session.instance, session.number);
}

void Service::tick() {
  const MonotonicTime before = ticked_.value_or(clock_.monotonic());
  ticked_ = clock_.monotonic();
  pipeline_.tick();
  check_leases(before);
}

void Service::check_leases(MonotonicTime before) {
  const MonotonicTime now = clock_.monotonic();
  const auto pause = now - before;
  std::map<std::string, ProxyState> states;
  for (const metrics::ProxyView& view : tracker_.proxies()) states[view.instance_id] = view.state;
  for (auto at = heard_.begin(); at != heard_.end();) {
    auto& [id, heard] = *at;
    if (pause > std::chrono::seconds(2)) heard = std::min(now, heard + pause);
    const bool is_over = now - heard > Lease;
    if (is_over != (states[id] == ProxyState::Gone)) {
      books_.fail("the lease of " + id + (is_over ? " did not end" : " ended too early"));
    }
    at = is_over ? heard_.erase(at) : std::next(at);
  }
}

void Service::check_acknowledged(const std::string& instance, std::uint64_t seq) {
  Books::Truth& process = books_.process(instance);
  auto at = process.ends.upper_bound(process.acknowledged);
  for (; at != process.ends.end() && *at <= seq; ++at) {
    if (disk_.keys.contains({instance, *at})) continue;
    books_.fail("number " + std::to_string(*at) + " of " + instance +
                " is acknowledged, and is not on the disk");
  }
  process.acknowledged = std::max(process.acknowledged, seq);
}

void Service::check() {
  if (std::string broken = tracker_.broken_invariant(); !broken.empty()) {
    books_.fail("it does not add up: " + broken);
  }
  if (twin_ && !twin_->equals(tracker_, pipeline_.now())) {
    books_.fail("two trackers differ that were told the same");
  }
}

}  // namespace vdm::simulation
