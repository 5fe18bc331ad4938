#include "proxy-service/events/grpc_reporter.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/digest.h"
#include "common/base/log.h"
#include "proto/contract/event_codec.h"
#include "proto/contract/event_wire.h"
#include "proto/contract/grpc_log.h"
#include "proxy-service/events/report_log.h"
#include "proxy-service/events/report_messages.h"
#include "proxy-service/events/report_outages.h"
#include "proxy-service/events/report_parting.h"
#include "proxy-service/events/report_stream.h"
#include "proxy-service/events/token_source.h"

namespace vdm::proxy {
namespace {

namespace asio = boost::asio;
namespace v1 = metrics::v1;

constexpr std::chrono::seconds SteadyAfter(5);
constexpr std::size_t SecretBytes = 32;

/// Bounds what the reporter keeps, so that the queue has room of its own.
ReportLog::Limits limits_for(const EventQueue& queue) {
  return {.bytes_max = queue.bytes_max() - queue.bytes_max() / 8};
}

}  // namespace

class GrpcReporter::Impl {
 public:
  Impl(EventQueue& queue, ReporterOptions options, const Clock& clock);
  ~Impl();

  ReporterStatus status() const;
  bool flush(std::chrono::milliseconds deadline);
  std::optional<Told> wait_until_told(std::chrono::milliseconds wait);

 private:
  using Timer = asio::steady_timer;

  void every(Timer& timer, std::chrono::milliseconds interval, void (Impl::*work)());
  void take();
  void on_tick();
  void on_heartbeat() { heartbeat_due_ = true; }
  void on_snapshot_due() { snapshot_due_ = Detail::Ids; }

  void connect();
  void connect_later();
  void on_received(const v1::ReportReply& reply);
  void on_welcome(const v1::Welcome& welcome);
  void on_command(const v1::Command& command);
  void on_written();
  void on_closed(const grpc::Status& status);

  void pump();
  void end_left(Told told);
  void write(const v1::ReportRequest& message);
  void write(std::string_view message);

  void publish_status();
  void settle_flush();
  void stop();

  EventQueue& queue_;
  const ReporterOptions options_;
  const Clock& clock_;
  const SystemTime boot_wall_;
  const MonotonicTime boot_monotonic_;

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  Timer tick_timer_{context_};
  Timer heartbeat_timer_{context_};
  Timer snapshot_timer_{context_};
  Timer connect_timer_{context_};

  TokenSource token_;
  const Secret secret_;
  ReportLog log_;
  std::optional<ReportParting> parting_;  // of another process, that is gone
  std::promise<Told> left_told_;
  std::future<Told> left_is_told_ = left_told_.get_future();
  bool left_is_over_ = false;
  std::shared_ptr<ReportStream> stream_;
  bool welcomed_ = false;
  bool stopping_ = false;
  ReportOutages outages_;
  unsigned failures_ = 0;
  MonotonicTime connect_started_{};
  MonotonicTime welcomed_at_{};
  std::optional<MonotonicTime> write_started_;  // a write is outstanding
  bool heartbeat_due_ = false;
  std::optional<Detail> snapshot_due_;
  std::optional<Snapshot> snapshot_;
  v1::ReportRequest message_;
  std::string message_text_;
  ReportLog::Batch batch_;
  WireBuffer batch_bytes_;
  std::shared_ptr<std::promise<bool>> flush_;
  std::mt19937 random_{std::random_device{}()};

  std::atomic<bool> connected_{false};
  std::atomic<ReportRefusal> refusal_{ReportRefusal::None};
  std::atomic<std::uint64_t> buffered_bytes_{0};
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> dropped_started_{0};
  std::atomic<std::uint64_t> dropped_progressed_{0};
  std::atomic<std::uint64_t> dropped_ended_{0};

  std::jthread thread_;  // last: it runs what is above
};

GrpcReporter::Impl::Impl(EventQueue& queue, ReporterOptions options, const Clock& clock)
    : queue_(queue),
      options_(std::move(options)),
      clock_(clock),
      boot_wall_(options_.left ? options_.left->boot_wall : clock.wall()),
      boot_monotonic_(clock.monotonic()),
      token_(options_.token, options_.token_file),
      secret_(options_.secret.empty() ? Secret(random_hex(SecretBytes)) : options_.secret),
      log_(queue, limits_for(queue)),
      outages_(options_.address) {
  adopt_grpc_log();
  if (options_.left) {
    log_.restore(options_.left->scan);
    parting_.emplace(options_.left->rejections_unlisted);
  }
  every(tick_timer_, options_.batch_interval, &Impl::on_tick);
  every(heartbeat_timer_, options_.heartbeat_interval, &Impl::on_heartbeat);
  every(snapshot_timer_, options_.snapshot_interval, &Impl::on_snapshot_due);
  connect();
  thread_ = std::jthread([this] { context_.run(); });
}

GrpcReporter::Impl::~Impl() {
  asio::post(context_, [this] { stop(); });
}

void GrpcReporter::Impl::every(Timer& timer, std::chrono::milliseconds interval,
                               void (Impl::*work)()) {
  timer.expires_after(interval);
  timer.async_wait([this, &timer, interval, work](const boost::system::error_code& fault) {
    if (fault || stopping_) return;
    (this->*work)();
    every(timer, interval, work);
  });
}

// --- from the queue ------------------------------------------------------------

void GrpcReporter::Impl::take() { log_.take(); }

void GrpcReporter::Impl::on_tick() {
  take();
  pump();
  const MonotonicTime now = clock_.monotonic();
  const bool write_is_late = write_started_ && now - *write_started_ > options_.write_deadline;
  const bool welcome_is_late =
      stream_ && !welcomed_ && now - connect_started_ > options_.write_deadline;
  if (stream_ && (write_is_late || welcome_is_late)) stream_->cancel();
  publish_status();
}

// --- the stream ----------------------------------------------------------------

void GrpcReporter::Impl::connect() {
  connect_started_ = clock_.monotonic();
  stream_ =
      ReportStream::open(context_.get_executor(), options_.address, token_.current(),
                         {.received = [this](const v1::ReportReply& reply) { on_received(reply); },
                          .written = [this] { on_written(); },
                          .closed = [this](const grpc::Status& status) { on_closed(status); }});
  fill(HelloFacts{.options = options_,
                  .secret = secret_,
                  .boot_wall = boot_wall_,
                  .boot_monotonic = boot_monotonic_,
                  .log = log_},
       message_);
  write(message_);
}

void GrpcReporter::Impl::connect_later() {
  const auto least = options_.reconnect_min.count();
  const auto doubled = least << std::min(failures_, 10u);
  std::uniform_int_distribution delay(
      least, std::max(least, std::min(doubled, options_.reconnect_max.count())));
  connect_timer_.expires_after(std::chrono::milliseconds(delay(random_)));
  connect_timer_.async_wait([this](const boost::system::error_code& fault) {
    if (!fault && !stopping_ && !stream_) connect();
  });
}

void GrpcReporter::Impl::on_received(const v1::ReportReply& reply) {
  if (reply.has_welcome()) on_welcome(reply.welcome());
  if (reply.has_ack()) {
    log_.acknowledge(reply.ack().committed_seq(), reply.ack().credit_bytes());
    settle_flush();
  }
  if (reply.has_command()) on_command(reply.command());
  pump();
}

void GrpcReporter::Impl::on_welcome(const v1::Welcome& welcome) {
  outages_.over();
  refusal_ = ReportRefusal::None;
  welcomed_ = true;
  welcomed_at_ = clock_.monotonic();
  log_.open(welcome.last_committed_seq(), welcome.credit_bytes());
  if (!parting_) snapshot_ = Snapshot{log_.active_on_open(), Detail::Facts};
  snapshot_due_.reset();
  heartbeat_due_ = true;
  log::info("metrics service connected",
            {{"address", options_.address},
             {"service_version", welcome.service_version()},
             {"last_committed_seq", std::to_string(welcome.last_committed_seq())}});
  settle_flush();
}

void GrpcReporter::Impl::on_command(const v1::Command& command) {
  if (command.has_send_active_snapshot()) snapshot_due_ = Detail::Facts;
  if (command.has_cancel() && is_identity(command.cancel().request_id()) && options_.cancel) {
    options_.cancel(command.cancel().request_id());
  }
}

void GrpcReporter::Impl::on_written() {
  write_started_.reset();
  if (queue_.waiting() >= Caps::BatchEvents) take();
  pump();
}

void GrpcReporter::Impl::on_closed(const grpc::Status& status) {
  const bool is_refused = status.error_code() == grpc::StatusCode::INVALID_ARGUMENT;
  refusal_ = ReportOutages::refusal_in(status);
  if (parting_ && parting_->is_said() && (status.ok() || is_refused)) {
    end_left(Told::All);  // refused by a service that knows no goodbye: its lease ends what runs
  } else if (welcomed_ && is_refused) {
    log::error("metrics service refused events; they are given up",
               {{"why", status.error_message()}});
    log_.give_up_sent();
  } else if (!stopping_) {
    outages_.note(status);
  }
  // When a service fails right after its welcome, the delay goes on growing.
  if (welcomed_ && clock_.monotonic() - welcomed_at_ > SteadyAfter) failures_ = 0;
  log_.close();
  stream_.reset();
  welcomed_ = false;
  write_started_.reset();
  snapshot_.reset();
  ++failures_;
  if (parting_) parting_->begin_again();
  if (parting_ && refusal_ == ReportRefusal::Instance) end_left(Told::Refused);
  publish_status();
  settle_flush();
  if (stopping_) return work_.reset();
  if (!left_is_over_) connect_later();
}

// --- what goes next ------------------------------------------------------------

/// Starts one write at a time: a heartbeat when it is due, then a snapshot to its end, then events.
void GrpcReporter::Impl::pump() {
  if (!stream_ || !welcomed_ || write_started_) return;
  if (!parting_ && std::exchange(heartbeat_due_, false)) {
    const auto unlisted = options_.rejections_unlisted ? options_.rejections_unlisted() : 0;
    fill_heartbeat(log_, clock_.monotonic(), unlisted, message_);
    return write(message_);
  }
  if (!snapshot_ && snapshot_due_ && log_.all_sent() && !parting_) {
    snapshot_ = Snapshot{log_.active_now(), *std::exchange(snapshot_due_, std::nullopt)};
  }
  if (snapshot_) {
    fill_next_part(*snapshot_, message_);
    if (snapshot_->finished()) snapshot_.reset();
    return write(message_);
  }
  if (!log_.next_batch(batch_)) {
    const bool all_told = parting_ && log_.empty();
    if (all_told && parting_->fill_next(log_, clock_.monotonic(), message_)) write(message_);
    return;
  }
  batch_bytes_.clear();
  write_batch_request(batch_.first_seq, batch_.events, batch_bytes_);
  write(batch_bytes_.bytes());
}

void GrpcReporter::Impl::end_left(Told told) {
  if (std::exchange(left_is_over_, true)) return;
  left_told_.set_value(told);
}

void GrpcReporter::Impl::write(const v1::ReportRequest& message) {
  message.SerializeToString(&message_text_);
  write(message_text_);
}

void GrpcReporter::Impl::write(std::string_view message) {
  write_started_ = clock_.monotonic();
  stream_->write(message);
}

// --- for others ------------------------------------------------------------------

void GrpcReporter::Impl::publish_status() {
  connected_ = welcomed_;
  buffered_bytes_ = log_.bytes();
  acknowledged_ = log_.acknowledged();
  dropped_started_ = log_.dropped().started;
  dropped_progressed_ = log_.dropped().progressed;
  dropped_ended_ = log_.dropped().ended;
  if (parting_) return;
  // For the next process, should this one end now.
  RingNumbers& numbers = queue_.ring().numbers();
  numbers.dropped_started = log_.dropped().started;
  numbers.dropped_progressed = log_.dropped().progressed;
  numbers.dropped_ended = log_.dropped().ended;
  if (options_.rejections_unlisted) numbers.rejections_unlisted = options_.rejections_unlisted();
}

ReporterStatus GrpcReporter::Impl::status() const {
  return {
      .connected = connected_,
      .refusal = refusal_,
      .buffered_bytes = buffered_bytes_,
      .acknowledged_seq = acknowledged_,
      .dropped = {
          .started = dropped_started_, .progressed = dropped_progressed_, .ended = dropped_ended_}};
}

bool GrpcReporter::Impl::flush(std::chrono::milliseconds deadline) {
  const auto done = std::make_shared<std::promise<bool>>();
  std::future<bool> result = done->get_future();
  asio::post(context_, [this, done] {
    take();
    flush_ = done;
    // A reporter that waits to reconnect tries once at once.
    if (!stream_ && !stopping_) {
      connect_timer_.cancel();
      connect();
    }
    pump();
    settle_flush();
  });
  return result.wait_for(deadline) == std::future_status::ready && result.get();
}

std::optional<GrpcReporter::Told> GrpcReporter::Impl::wait_until_told(
    std::chrono::milliseconds wait) {
  if (left_is_told_.wait_for(wait) != std::future_status::ready) return std::nullopt;
  return left_is_told_.get();
}

/// Answers a waiting flush() when all is acknowledged, or when there is no stream.
void GrpcReporter::Impl::settle_flush() {
  publish_status();
  if (!flush_ || (stream_ && !log_.empty())) return;
  std::exchange(flush_, nullptr)->set_value(log_.empty());
}

void GrpcReporter::Impl::stop() {
  stopping_ = true;
  tick_timer_.cancel();
  heartbeat_timer_.cancel();
  snapshot_timer_.cancel();
  connect_timer_.cancel();
  if (stream_) return stream_->cancel();  // on_closed() lets the thread end
  work_.reset();
}

GrpcReporter::GrpcReporter(EventQueue& queue, ReporterOptions options, const Clock& clock)
    : impl_(std::make_unique<Impl>(queue, std::move(options), clock)) {}

GrpcReporter::~GrpcReporter() = default;

ReporterStatus GrpcReporter::status() const { return impl_->status(); }

bool GrpcReporter::flush(std::chrono::milliseconds deadline) { return impl_->flush(deadline); }

std::optional<GrpcReporter::Told> GrpcReporter::wait_until_told(std::chrono::milliseconds wait) {
  return impl_->wait_until_told(wait);
}

}  // namespace vdm::proxy
