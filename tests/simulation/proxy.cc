#include "tests/simulation/proxy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <vdm/metrics/v1/ingest.pb.h>

#include "proto/contract/event_wire.h"

namespace vdm::simulation {
namespace {

constexpr std::size_t LargeText = 250;
constexpr std::size_t UnderWayMax = 16;  ///< messages; then the transport takes no more

}  // namespace

RingFile::RingFile() : file_(::memfd_create("vdm-simulation", MFD_CLOEXEC)) {
  constexpr auto Size = static_cast<off_t>(proxy::RingMemory::HeadBytes + Bytes);
  if (file_ < 0 || ::ftruncate(file_, Size) != 0) std::abort();
}

RingFile::~RingFile() { ::close(file_); }

void RingFile::clear() const {
  constexpr auto Size = static_cast<off_t>(proxy::RingMemory::HeadBytes + Bytes);
  if (::fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, Size) != 0) std::abort();
}

proxy::RingMemory RingFile::map() const {
  return std::move(proxy::RingMemory::of_file(file_, Bytes).value());
}

Proxy::Proxy(std::size_t index, std::shared_ptr<RingFile> file, Books& books, const Clock& clock,
             const Sizes& sizes)
    : file_(std::move(file)), books_(books), clock_(clock), sizes_(sizes), boot_(clock.wall()) {
  options_.instance_id = std::string(31, 'a') + static_cast<char>('a' + index % 26);
  options_.proxy_name = "proxy-" + std::to_string(index);
  options_.version = "1";
  options_.secret = Secret(std::string(64, static_cast<char>('a' + index % 6)));
  queue_ = std::make_unique<proxy::EventQueue>(file_->map());
  make_log(std::nullopt);
  books_.process(instance());
}

void Proxy::make_log(std::optional<proxy::RingScan> left) {
  log_ = std::make_unique<proxy::ReportLog>(
      *queue_, proxy::ReportLog::Limits{.bytes_max = sizes_.log_bytes,
                                        .batch_events_max = sizes_.batch_events,
                                        .batch_bytes_max = 1024 * 1024});
  if (left) log_->restore(*left);
}

// --- its requests ----------------------------------------------------------------

FactsPtr Proxy::facts_of_next() {
  auto facts = std::make_shared<RequestFacts>();
  facts->request_id = std::string(1, instance().back()) + std::to_string(made_++);
  facts->started_at = std::chrono::floor<Micros>(clock_.wall());
  facts->requested_model = facts->resolved_model = "m";
  facts->provider = "p";
  facts->streaming = made_ % 2 == 0;
  if (!sizes_.large_facts) return facts;
  const std::string large(LargeText, 'x');
  facts->requested_model = facts->user_agent = facts->session_id = facts->agent_id = large;
  facts->trace_id = facts->attempt_group = large;
  return facts;
}

void Proxy::start(std::size_t count) {
  for (; count > 0 && !killed_; --count) {
    const FactsPtr facts = facts_of_next();
    books_.process(instance()).running.insert(facts->request_id);
    running_.push_back({.facts = facts, .start = queue_->started(facts)});
  }
}

void Proxy::progress(std::uint32_t which) {
  if (killed_ || running_.empty()) return;
  Running& of = running_[which % running_.size()];
  Progressed progressed;
  progressed.request_id = of.facts->request_id;
  progressed.phase = Phase::Streaming;
  progressed.usage.output_tokens = ++of.progress;
  queue_->progressed(std::move(progressed), of.start);
}

void Proxy::end(std::size_t count, std::uint32_t which) {
  for (; count > 0 && !killed_ && !running_.empty(); --count) {
    const std::size_t at = which % running_.size();
    const Running of = running_[at];
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(at));
    Ended ended;
    ended.facts = of.facts;
    ended.outcome = Outcome::Ok;
    ended.http_status = 200;
    ended.usage.output_tokens = of.progress;
    Books::Truth& process = books_.process(instance());
    process.running.erase(of.facts->request_id);
    process.ended.insert(of.facts->request_id);
    queue_->ended(ended, of.start);
  }
}

// --- its process -----------------------------------------------------------------

void Proxy::kill() {
  if (!runs()) return;
  Books::Truth& process = books_.process(instance());
  process.left.merge(process.running);
  if (!killed_) process.untold_drops += queue_->take().dropped.ended;
  killed_ = true;
  running_.clear();
  log_.reset();
  queue_.reset();
  parting_.reset();
  closed(StreamEnd::Unavailable);
}

/// What send_spool() does.
void Proxy::adopt() {
  if (runs() || told_) return;
  proxy::RingMemory memory = file_->map();
  proxy::RingScan scan = proxy::scan_ring(memory);
  if (scan.is_damaged) books_.fail("the ring of " + instance() + " is damaged");
  const proxy::RingNumbers& numbers = proxy::numbers_of(memory);
  if (scan.records.empty() && numbers.ended_recorded <= numbers.ended_settled) {
    told_ = true;
    return;
  }
  queue_ = std::make_unique<proxy::EventQueue>(std::move(memory), scan.end);
  make_log(std::move(scan));
  parting_.emplace(0);
}

// --- its reporter ----------------------------------------------------------------

void Proxy::look() {
  if (!runs()) return;
  log_->take();
  if (parting_) return;
  proxy::RingNumbers& numbers = queue_->ring().numbers();
  numbers.dropped_started = log_->dropped().started;
  numbers.dropped_progressed = log_->dropped().progressed;
  numbers.dropped_ended = log_->dropped().ended;
}

std::shared_ptr<Stream> Proxy::connect() {
  if (!runs() || stream_ || told_) return nullptr;
  stream_ = std::make_shared<Stream>();
  metrics::v1::ReportRequest hello;
  proxy::fill(proxy::HelloFacts{.options = options_,
                                .secret = options_.secret,
                                .boot_wall = boot_,
                                .boot_monotonic = clock_.monotonic(),
                                .log = *log_},
              hello);
  send(hello);
  return stream_;
}

bool Proxy::write_next() {
  if (!stream_ || !welcomed_ || stream_->to_service.size() >= UnderWayMax) return false;
  metrics::v1::ReportRequest message;
  if (!parting_ && std::exchange(heartbeat_due_, false)) {
    proxy::fill_heartbeat(*log_, clock_.monotonic(), 0, message);
    send(message);
    return true;
  }
  if (!snapshot_ && list_due_ && log_->all_sent() && !parting_) {
    snapshot_ = proxy::Snapshot{log_->active_now(), *std::exchange(list_due_, std::nullopt)};
  }
  if (snapshot_) {
    proxy::fill_next_part(*snapshot_, message);
    if (snapshot_->finished()) snapshot_.reset();
    send(message);
    return true;
  }
  proxy::ReportLog::Batch batch;
  if (log_->next_batch(batch)) {
    WireBuffer bytes;
    write_batch_request(batch.first_seq, batch.events, bytes);
    stream_->to_service.emplace_back(bytes.bytes());
    return true;
  }
  const bool all_told = parting_ && log_->empty();
  if (!all_told || !parting_->fill_next(*log_, clock_.monotonic(), message)) return false;
  send(message);
  return true;
}

void Proxy::send(const metrics::v1::ReportRequest& message) {
  stream_->to_service.push_back(message.SerializeAsString());
}

void Proxy::receive() {
  if (!stream_) return;
  if (stream_->to_proxy.empty()) {
    if (stream_->end) closed(*stream_->end);
    return;
  }
  metrics::v1::ReportReply reply;
  reply.ParseFromString(stream_->to_proxy.front());
  stream_->to_proxy.pop_front();
  if (reply.has_welcome()) {
    welcome(reply.welcome().last_committed_seq(), reply.welcome().credit_bytes());
  }
  if (reply.has_ack()) log_->acknowledge(reply.ack().committed_seq(), reply.ack().credit_bytes());
  if (reply.has_command()) list_due_ = proxy::Detail::Facts;
}

void Proxy::welcome(std::uint64_t committed, std::uint64_t credit) {
  welcomed_ = true;
  log_->open(committed, credit);
  if (!parting_) snapshot_ = proxy::Snapshot{log_->active_on_open(), proxy::Detail::Facts};
  list_due_.reset();
  heartbeat_due_ = true;
}

void Proxy::closed(StreamEnd end) {
  if (!stream_) return;
  stream_->open_at_proxy = false;
  stream_.reset();
  welcomed_ = false;
  snapshot_.reset();
  if (end == StreamEnd::Ok && parting_ && parting_->is_said()) {
    told_ = true;
    log_.reset();
    queue_.reset();
    return;
  }
  if (log_) log_->close();
  if (parting_) parting_->begin_again();
}

bool Proxy::is_quiet() const {
  if (killed_) return told_;
  return welcomed_ && log_->empty() && !snapshot_ && !list_due_ && !heartbeat_due_;
}

}  // namespace vdm::simulation
