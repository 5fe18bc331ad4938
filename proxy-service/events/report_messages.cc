#include "proxy-service/events/report_messages.h"

#include <algorithm>
#include <string>

#include <vdm/metrics/v1/ingest.pb.h>

#include "common/base/utf8.h"
#include "proto/contract/event_codec.h"

namespace vdm::proxy {
namespace {

namespace v1 = metrics::v1;

constexpr std::uint32_t Protocol = 1;
/// These keep a part far below the cap on messages: facts are at most 3 KiB.
constexpr std::size_t FactsPerPart = 256;
constexpr std::size_t IdsPerPart = 4096;

std::string legal(std::string_view text, std::size_t cap) {
  std::string room;
  return std::string(clean_utf8(text, cap, room));
}

std::uint64_t monotonic_us(MonotonicTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<Micros>(time.time_since_epoch()).count());
}

void encode(const DroppedCounts& dropped, v1::DroppedCounts& out) {
  out.set_started(dropped.started);
  out.set_progressed(dropped.progressed);
  out.set_ended(dropped.ended);
}

}  // namespace

void fill(const HelloFacts& facts, v1::ReportRequest& out) {
  v1::Hello& hello = *out.mutable_hello();
  hello.set_instance_id(facts.options.instance_id);
  hello.set_proxy_name(legal(facts.options.proxy_name, Caps::Word));
  hello.set_protocol(Protocol);
  hello.set_version(legal(facts.options.version, Caps::Word));
  const auto boot = std::chrono::duration_cast<Micros>(facts.boot_wall.time_since_epoch());
  hello.set_boot_unix_us(boot.count());
  hello.set_boot_monotonic_us(monotonic_us(facts.boot_monotonic));
  hello.set_oldest_unacked_seq(facts.log.oldest_unacknowledged());
  encode(facts.log.dropped(), *hello.mutable_dropped());
  hello.set_secret(std::string(facts.secret.reveal()));
}

void fill_heartbeat(const ReportLog& log, MonotonicTime now, std::uint64_t rejections_unlisted,
                    v1::ReportRequest& out) {
  const ReportLog::Vitals vitals = log.vitals();
  v1::Heartbeat& heartbeat = *out.mutable_heartbeat();
  heartbeat.set_monotonic_us(monotonic_us(now));
  heartbeat.set_active_count(vitals.active_count);
  heartbeat.set_active_hash(vitals.active_hash);
  heartbeat.set_as_of_seq(vitals.as_of_seq);
  heartbeat.set_buffered_bytes(log.bytes());
  encode(log.dropped(), *heartbeat.mutable_dropped());
  heartbeat.set_rejections_unlisted(rejections_unlisted);
}

void fill_next_part(Snapshot& snapshot, v1::ReportRequest& out) {
  v1::ActiveSnapshot& part = *out.mutable_active_snapshot();
  part.Clear();
  part.set_as_of_seq(snapshot.list.as_of_seq);
  const auto& items = snapshot.list.items;
  const bool with_facts = snapshot.detail == Detail::Facts;
  const std::size_t end =
      std::min(items.size(), snapshot.sent + (with_facts ? FactsPerPart : IdsPerPart));
  for (; snapshot.sent < end; ++snapshot.sent) {
    const ReportLog::ActiveItem& item = items[snapshot.sent];
    v1::ActiveRequest& request = *part.add_requests();
    request.set_request_id(legal(item.facts->request_id, Caps::RequestId));
    if (!with_facts) continue;
    vdm::encode(*item.facts, *request.mutable_facts());
    if (item.progress) vdm::encode(*item.progress, *request.mutable_progress());
  }
  snapshot.begun = true;
  part.set_last(snapshot.finished());
}

}  // namespace vdm::proxy
