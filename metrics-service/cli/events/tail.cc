#include "metrics-service/cli/events/tail.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <fstream>
#include <random>
#include <string>
#include <unordered_set>

#include <google/protobuf/descriptor.h>

#include "common/base/json_writer.h"
#include "metrics-service/cli/events/json_text.h"
#include "metrics-service/cli/terminal/control.h"

namespace vdm::cli {
namespace {

namespace v1 = metrics::v1;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds RetryMin(100);
constexpr std::chrono::milliseconds RetryMax(5000);
constexpr std::chrono::seconds SaveInterval(1);

/// The cursor up to which `tail` has printed, kept in the state file when there is one. It is
/// written to a second file and renamed: a crash leaves the old cursor, never half of one.
class SavedCursor {
 public:
  SavedCursor(std::string cursor, std::string file)
      : cursor_(std::move(cursor)), file_(std::move(file)) {
    if (file_.empty()) return;
    std::ifstream in(file_);
    std::getline(in, cursor_);
  }

  const std::string& cursor() const { return cursor_; }

  void move_to(const std::string& cursor) {
    if (cursor.empty() || cursor == cursor_) return;
    cursor_ = cursor;
    is_saved_ = false;
    if (Steady::now() - saved_at_ > SaveInterval) save();
  }

  /// Returns false when the file cannot be written.
  bool save() {
    if (file_.empty() || is_saved_) return true;
    const std::string fresh = file_ + ".new";
    std::ofstream out(fresh, std::ios::trunc);
    out << cursor_ << '\n';
    out.close();
    is_saved_ = out.good() && std::rename(fresh.c_str(), file_.c_str()) == 0;
    saved_at_ = Steady::now();
    return is_saved_;
  }

 private:
  std::string cursor_;
  const std::string file_;
  bool is_saved_ = true;
  Steady::time_point saved_at_{};
};

/// The requests whose ends were printed last. After a break the stream may give an end again: the
/// service shows it before it is stored, and takes it anew when it crashes in between.
class PrintedEnds {
 public:
  /// Returns false for one that was printed before.
  bool add(const std::string& request_id) {
    if (!known_.insert(request_id).second) return false;
    order_.push_back(request_id);
    if (order_.size() > Max) {
      known_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

 private:
  static constexpr std::size_t Max = 65'536;
  std::unordered_set<std::string> known_;
  std::deque<std::string> order_;
};

bool is_worth_another_try(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::UNIMPLEMENTED:
      return false;
    default:
      return true;
  }
}

/// How one stream ended.
struct StreamEnd {
  grpc::Status status;
  bool heard = false;     // at least one reply arrived
  bool finished = false;  // the count was reached, or the reader of our output is gone
};

class Tail {
 public:
  Tail(const Options& options, Client& client, Interrupt& interrupt, std::ostream& out)
      : options_(options),
        client_(client),
        interrupt_(interrupt),
        out_(out),
        cursor_(options.after, options.state_file) {}

  StreamEnd follow() {
    grpc::ClientContext context;
    client_.prepare_stream(context);
    const Interrupt::Scope scope(interrupt_, context);
    v1::SubscribeRequest request;
    *request.mutable_filter() = options_.filter;
    request.set_cursor(cursor_.cursor());
    request.set_without_snapshot(!options_.snapshot);
    const auto reader = client_.stub().Subscribe(&context, request);
    StreamEnd end;
    for (v1::SubscribeReply reply; !end.finished && reader->Read(&reply);) {
      end.heard = true;
      end.finished = !print(reply);
    }
    if (end.finished) context.TryCancel();
    // gRPC gives the status only after every reply has been read, even when the stream has ended.
    for (v1::SubscribeReply unread; reader->Read(&unread);) {
    }
    end.status = reader->Finish();
    return end;
  }

  bool save() { return cursor_.save(); }

 private:
  /// Returns false when no more replies are needed.
  bool print(const v1::SubscribeReply& reply) {
    const bool is_repeated =
        reply.event().has_ended() && !ends_.add(reply.event().ended().facts().request_id());
    const std::string line = is_repeated ? std::string() : tail_line(reply);
    if (!line.empty()) out_ << line << '\n' << std::flush;
    if (!out_) return false;
    // The cursor moves only at a snapshot's last part: one that breaks off is requested again.
    if (!reply.has_snapshot() || reply.snapshot().parts_to_come() == 0) {
      cursor_.move_to(reply.cursor());
    }
    return !reply.has_event() || is_repeated || ++printed_ != options_.count;
  }

  const Options& options_;
  Client& client_;
  Interrupt& interrupt_;
  std::ostream& out_;
  SavedCursor cursor_;
  PrintedEnds ends_;
  std::uint64_t printed_ = 0;
};

std::chrono::milliseconds retry_delay(unsigned failures) {
  static std::mt19937 random{std::random_device{}()};
  const auto most = std::min(RetryMax, RetryMin * (1 << std::min(failures, 6u)));
  return std::chrono::milliseconds(
      std::uniform_int_distribution(RetryMin.count(), std::max(RetryMin, most).count())(random));
}

}  // namespace

int tail(const Options& options, Client& client, Interrupt& interrupt, std::ostream& out,
         std::ostream& err) {
  Tail follower(options, client, interrupt, out);
  bool connected_once = options.wait;
  bool outage_said = false;
  for (unsigned failures = 0;;) {
    const StreamEnd end = follower.follow();
    if (!follower.save()) {
      err << "vdm: cannot write " << options.state_file << "\n";
      return Degraded;
    }
    if (end.finished || interrupt.requested()) return Done;
    connected_once = connected_once || end.heard;
    if (!connected_once || !is_worth_another_try(end.status)) {
      const CommandResult result = client.explain(end.status);
      err << result.text;
      return result.code;
    }
    failures = end.heard ? 0 : failures + 1;
    outage_said = outage_said && !end.heard;
    if (!outage_said) err << "vdm: the stream broke; connecting again\n" << std::flush;
    outage_said = true;
    if (!interrupt.wait_for(retry_delay(failures))) return Done;
  }
}

std::string tail_line(const v1::SubscribeReply& reply) {
  const auto line = [&](std::string_view kind, const google::protobuf::Message& message) {
    JsonWriter start;
    start.begin_object().member("kind", kind).member("cursor", reply.cursor());
    return harmless_json(start.take()) + "," + json_text(message).substr(1);
  };
  switch (reply.message_case()) {
    case v1::SubscribeReply::kEvent: {
      const v1::LiveEvent& event = reply.event();
      const auto* oneof = v1::LiveEvent::descriptor()->FindOneofByName("kind");
      const auto* kind = event.GetReflection()->GetOneofFieldDescriptor(event, oneof);
      return line(kind == nullptr ? "unknown" : std::string_view(kind->name()), event);
    }
    case v1::SubscribeReply::kSnapshot:
      return line("snapshot", reply.snapshot());
    case v1::SubscribeReply::kReset:
      return line("reset", reply.reset());
    case v1::SubscribeReply::kHeartbeat:
    case v1::SubscribeReply::MESSAGE_NOT_SET:
      break;
  }
  return "";
}

}  // namespace vdm::cli
