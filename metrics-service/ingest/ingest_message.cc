#include "metrics-service/ingest/ingest_message.h"

#include <memory>
#include <string>
#include <utility>

#include <vdm/metrics/v1/ingest.pb.h>

#include "common/base/utf8.h"

namespace vdm::metrics {
namespace {

constexpr std::int64_t WallTimeMaxUs = 253402300799ll * 1'000'000;  // the end of the year 9999

Error refuse(std::string message) { return Error{ErrorKind::InvalidRequest, std::move(message)}; }

DroppedCounts decode(const v1::DroppedCounts& in) {
  return {.started = in.started(), .progressed = in.progressed(), .ended = in.ended()};
}

Result<IngestMessage> decode(const v1::Hello& in) {
  if (in.protocol() != IngestProtocol) return IngestMessage(WrongProtocol{in.protocol()});
  if (!is_identity(in.instance_id())) {
    return refuse("hello.instance_id: expected 1..128 visible ASCII characters");
  }
  if (in.proxy_name().empty() || !is_utf8(in.proxy_name())) {
    return refuse("hello.proxy_name: expected UTF-8 text");
  }
  if (!is_utf8(in.version())) return refuse("hello.version: expected UTF-8 text");
  if (in.boot_unix_us() < 0 || in.boot_unix_us() > WallTimeMaxUs) {
    return refuse("hello.boot_unix_us: expected a time between 1970 and 9999");
  }
  if (in.oldest_unacked_seq() > CountMax) {
    return refuse("hello.oldest_unacked_seq: expected at most 2^53 - 1");
  }
  return IngestMessage(ProxyHello{.instance_id = in.instance_id(),
                                  .proxy_name = std::string(cut_utf8(in.proxy_name(), Caps::Word)),
                                  .version = std::string(cut_utf8(in.version(), Caps::Word)),
                                  .boot = WallTime(Micros(in.boot_unix_us())),
                                  .oldest_unacked_seq = in.oldest_unacked_seq(),
                                  .dropped = decode(in.dropped())});
}

Result<IngestMessage> decode(const v1::Heartbeat& in) {
  if (in.as_of_seq() > CountMax) return refuse("heartbeat.as_of_seq: expected at most 2^53 - 1");
  if (in.buffered_bytes() > CountMax) {
    return refuse("heartbeat.buffered_bytes: expected at most 2^53 - 1");
  }
  if (in.rejections_unlisted() > CountMax) {
    return refuse("heartbeat.rejections_unlisted: expected at most 2^53 - 1");
  }
  return IngestMessage(ProxyHeartbeat{.active_count = in.active_count(),
                                      .active_hash = in.active_hash(),
                                      .as_of_seq = in.as_of_seq(),
                                      .buffered_bytes = in.buffered_bytes(),
                                      .dropped = decode(in.dropped()),
                                      .rejections_unlisted = in.rejections_unlisted()});
}

Result<ActiveEntry> decode(const v1::ActiveRequest& in) {
  ActiveEntry entry;
  if (!is_identity(in.request_id())) {
    return refuse("request_id: expected 1..128 visible ASCII characters");
  }
  entry.request_id = in.request_id();
  if (in.has_facts()) {
    auto facts = vdm::decode(in.facts());
    if (!facts) return refuse("facts." + facts.error().message);
    if (facts->request_id != entry.request_id)
      return refuse("facts.request_id: expected request_id");
    entry.facts = std::make_shared<const RequestFacts>(std::move(*facts));
  }
  if (in.has_progress()) {
    auto progress = vdm::decode(in.progress());
    if (!progress) return refuse("progress." + progress.error().message);
    if (progress->request_id != entry.request_id) {
      return refuse("progress.request_id: expected request_id");
    }
    entry.progress = std::move(*progress);
  }
  return entry;
}

Result<IngestMessage> decode(const v1::ActiveSnapshot& in) {
  if (in.as_of_seq() > CountMax) {
    return refuse("active_snapshot.as_of_seq: expected at most 2^53 - 1");
  }
  SnapshotPart part{.as_of_seq = in.as_of_seq(), .entries = {}, .last = in.last()};
  part.entries.reserve(static_cast<std::size_t>(in.requests_size()));
  for (const v1::ActiveRequest& each : in.requests()) {
    auto entry = decode(each);
    if (!entry) return refuse("active_snapshot.requests." + entry.error().message);
    part.entries.push_back(std::move(*entry));
  }
  return IngestMessage(std::move(part));
}

}  // namespace

Result<IngestMessage> decode(const v1::ReportRequest& request) {
  switch (request.message_case()) {
    case v1::ReportRequest::kHello:
      return decode(request.hello());
    case v1::ReportRequest::kBatch: {
      auto batch = vdm::decode(request.batch());
      if (!batch) return batch.error();
      return IngestMessage(std::move(*batch));
    }
    case v1::ReportRequest::kHeartbeat:
      return decode(request.heartbeat());
    case v1::ReportRequest::kActiveSnapshot:
      return decode(request.active_snapshot());
    case v1::ReportRequest::MESSAGE_NOT_SET:
      break;
  }
  return refuse("message: expected hello, batch, heartbeat or active_snapshot");
}

}  // namespace vdm::metrics
