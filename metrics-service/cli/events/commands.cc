#include "metrics-service/cli/events/commands.h"

#include <atomic>
#include <string>
#include <thread>

#include <absl/time/clock.h>
#include <absl/time/time.h>

#include "metrics-service/cli/events/json_text.h"
#include "metrics-service/cli/events/tail.h"
#include "metrics-service/cli/events/views.h"

namespace vdm::cli {
namespace {

namespace v1 = metrics::v1;

constexpr std::chrono::milliseconds RedrawAtMostEvery(250);
constexpr std::chrono::seconds RedrawAtLeastEvery(1);
constexpr std::chrono::seconds RetryAfter(1);

int fail(const Client& client, const grpc::Status& status, const Streams& streams) {
  return end_with(client.explain(status), streams);
}

grpc::Status ask_active(const Options& options, Client& client, v1::GetActiveRequestsReply& reply) {
  grpc::ClientContext context;
  client.prepare_call(context);
  v1::GetActiveRequestsRequest request;
  *request.mutable_filter() = options.filter;
  return client.stub().GetActiveRequests(&context, request, &reply);
}

int active_once(const Options& options, Client& client, const Streams& streams) {
  v1::GetActiveRequestsReply reply;
  const grpc::Status status = ask_active(options, client, reply);
  if (!status.ok()) return fail(client, status, streams);
  if (options.json) {
    streams.out << json_text(reply) << "\n";
  } else {
    streams.out << active_text(reply, streams.colour);
  }
  return Done;
}

/// Decides when to redraw: a thread of its own reads the stream and notes that something changed;
/// the caller then queries the current state.
class Changes {
 public:
  Changes(const Options& options, Client& client, Interrupt& interrupt)
      : options_(options), client_(client), interrupt_(interrupt) {}
  ~Changes() {
    interrupt_.request();
    thread_.join();
  }
  bool take() { return changed_.exchange(false); }

 private:
  void follow() {
    do {
      grpc::ClientContext context;
      client_.prepare_stream(context);
      const Interrupt::Scope scope(interrupt_, context);
      v1::SubscribeRequest request;
      *request.mutable_filter() = options_.filter;
      request.set_without_snapshot(true);
      const auto reader = client_.stub().Subscribe(&context, request);
      for (v1::SubscribeReply reply; reader->Read(&reply);) changed_ = true;
      reader->Finish();
    } while (interrupt_.wait_for(RetryAfter));
  }

  const Options& options_;
  Client& client_;
  Interrupt& interrupt_;
  std::atomic<bool> changed_{true};
  std::thread thread_{[this] { follow(); }};
};

int watch_active(const Options& options, Client& client, Interrupt& interrupt,
                 const Streams& streams) {
  if (!streams.is_terminal) {
    streams.err << "vdm: --watch needs a terminal; `vdm tail` is for pipes\n";
    return WrongUsage;
  }
  v1::GetActiveRequestsReply reply;
  const grpc::Status first = ask_active(options, client, reply);
  if (!first.ok()) return fail(client, first, streams);
  Changes changes(options, client, interrupt);
  auto since_drawn = std::chrono::milliseconds::zero();
  do {
    since_drawn += RedrawAtMostEvery;
    // Ages grow without any event, so the table is redrawn now and then in any case.
    if (!changes.take() && since_drawn < RedrawAtLeastEvery) continue;
    since_drawn = std::chrono::milliseconds::zero();
    v1::GetActiveRequestsReply now;
    const grpc::Status status = ask_active(options, client, now);
    if (status.ok()) reply = now;
    const std::string clock = absl::FormatTime("%H:%M:%S", absl::Now(), absl::LocalTimeZone());
    streams.out << "\x1b[H\x1b[2J" << count_text(reply.total()) << " running, " << clock
                << (status.ok() ? "" : ", not connected: this is how it was") << "\n\n"
                << active_text(reply, streams.colour) << std::flush;
  } while (interrupt.wait_for(RedrawAtMostEvery));
  return Done;
}

int totals(const Options& options, Client& client, const Streams& streams) {
  grpc::ClientContext context;
  client.prepare_call(context);
  v1::GetRunningTotalsRequest request;
  request.set_provider(options.filter.provider());
  request.set_model(options.filter.model());
  v1::GetRunningTotalsReply reply;
  const grpc::Status status = client.stub().GetRunningTotals(&context, request, &reply);
  if (!status.ok()) return fail(client, status, streams);
  if (options.json) {
    streams.out << json_text(reply) << "\n";
  } else {
    streams.out << totals_text(reply, streams.colour);
  }
  return Done;
}

int cancel(const Options& options, Client& client, const Streams& streams) {
  grpc::ClientContext context;
  client.prepare_call(context);
  v1::CancelRequestRequest request;
  request.set_request_id(options.request_id);
  v1::CancelRequestReply reply;
  const grpc::Status status = client.stub().CancelRequest(&context, request, &reply);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    streams.err << "vdm: no running request has the id " << printable(options.request_id) << "\n";
    return NotRunning;
  }
  if (!status.ok()) return fail(client, status, streams);
  streams.out << "asked the proxy to end " << printable(options.request_id) << "\n";
  return Done;
}

int status(const Options& options, Client& client, const Streams& streams) {
  grpc::ClientContext context;
  client.prepare_call(context);
  v1::GetStatusReply reply;
  const grpc::Status status = client.stub().GetStatus(&context, {}, &reply);
  if (!status.ok()) return fail(client, status, streams);
  if (options.json) {
    streams.out << json_text(reply) << "\n";
  } else {
    streams.out << status_text(reply, options.address, streams.colour);
  }
  return reply.degraded().empty() ? Done : Degraded;
}

}  // namespace

int run(const Options& options, Client& client, Interrupt& interrupt, const Streams& streams) {
  switch (options.command) {
    case Command::Tail:
      return tail(options, client, interrupt, streams.out, streams.err);
    case Command::Active:
      if (options.watch) return watch_active(options, client, interrupt, streams);
      return active_once(options, client, streams);
    case Command::Totals:
      return totals(options, client, streams);
    case Command::Cancel:
      return cancel(options, client, streams);
    case Command::Status:
      return status(options, client, streams);
  }
  return WrongUsage;
}

}  // namespace vdm::cli
