#include "metrics-service/ingest/ingest_message.h"

#include <memory>
#include <string>
#include <utility>

#include <vdm/metrics/v1/ingest.pb.h>

#include "common/base/env.h"
#include "common/base/utf8.h"
#include "metrics-service/ingest/wire_check.h"
#include "proto/contract/message_reader.h"

namespace vdm::metrics {
namespace {

constexpr std::size_t SecretBytesMax = 256;

Error refuse(std::string message) { return Error{ErrorKind::InvalidRequest, std::move(message)}; }

DroppedCounts decode(const v1::DroppedCounts& in, MessageReader& read) {
  DroppedCounts out;
  read.number(in.started(), EventsMax, out.started);
  read.number(in.progressed(), EventsMax, out.progressed);
  read.number(in.ended(), EventsMax, out.ended);
  return out;
}

Result<IngestMessage> decode(const v1::Hello& in, LeftOut& left_out) {
  if (in.protocol() != IngestProtocol) return IngestMessage(WrongProtocol{in.protocol()});
  if (!is_identity(in.instance_id())) {
    return refuse("hello.instance_id: expected 1..128 visible ASCII characters");
  }
  if (in.proxy_name().empty() || !is_utf8(in.proxy_name())) {
    return refuse("hello.proxy_name: expected UTF-8 text");
  }
  if (!is_utf8(in.version())) return refuse("hello.version: expected UTF-8 text");
  if (in.secret().size() > SecretBytesMax || !is_visible(in.secret())) {
    return refuse("hello.secret: expected at most 256 visible ASCII characters");
  }
  MessageReader read(left_out);
  ProxyHello out;
  out.instance_id = in.instance_id();
  out.proxy_name = std::string(cut_utf8(in.proxy_name(), Caps::Word));
  out.version = std::string(cut_utf8(in.version(), Caps::Word));
  read.wall(in.boot_unix_us(), out.boot);
  read.sequence("hello.oldest_unacked_seq", in.oldest_unacked_seq(), out.oldest_unacked_seq);
  out.dropped = decode(in.dropped(), read);
  out.secret = InstanceSecret::of(in.secret());
  return read.finish(IngestMessage(std::move(out)));
}

Result<IngestMessage> decode(const v1::Heartbeat& in, LeftOut& left_out) {
  ProxyHeartbeat out;
  MessageReader read(left_out);
  read.number(in.active_count(), ActiveMax, out.active_count);
  out.active_hash = in.active_hash();
  read.sequence("heartbeat.as_of_seq", in.as_of_seq(), out.as_of_seq);
  read.number(in.buffered_bytes(), BufferBytesMax, out.buffered_bytes);
  out.dropped = decode(in.dropped(), read);
  read.number(in.rejections_unlisted(), EventsMax, out.rejections_unlisted);
  return read.finish(IngestMessage(out));
}

Result<ActiveEntry> decode(const v1::ActiveRequest& in, LeftOut& left_out) {
  ActiveEntry entry;
  if (!is_identity(in.request_id())) {
    return refuse("request_id: expected 1..128 visible ASCII characters");
  }
  entry.request_id = in.request_id();
  if (in.has_facts()) {
    auto facts = vdm::decode(in.facts(), left_out);
    if (!facts) return refuse("facts." + facts.error().message);
    if (facts->request_id != entry.request_id)
      return refuse("facts.request_id: expected request_id");
    entry.facts = std::make_shared<const RequestFacts>(std::move(*facts));
  }
  if (in.has_progress()) {
    auto progress = vdm::decode(in.progress(), left_out);
    if (!progress) return refuse("progress." + progress.error().message);
    if (progress->request_id != entry.request_id) {
      return refuse("progress.request_id: expected request_id");
    }
    entry.progress = std::move(*progress);
  }
  return entry;
}

Result<IngestMessage> decode(const v1::ActiveSnapshot& in, LeftOut& left_out) {
  if (in.as_of_seq() > CountMax) {
    return refuse("active_snapshot.as_of_seq: expected at most 2^53 - 1");
  }
  SnapshotPart part{.as_of_seq = in.as_of_seq(), .entries = {}, .last = in.last()};
  part.entries.reserve(static_cast<std::size_t>(in.requests_size()));
  for (const v1::ActiveRequest& each : in.requests()) {
    auto entry = decode(each, left_out);
    if (!entry) return refuse("active_snapshot.requests." + entry.error().message);
    part.entries.push_back(std::move(*entry));
  }
  return IngestMessage(std::move(part));
}

}  // namespace

Result<IngestMessage> decode(std::string_view bytes, LeftOut& left_out) {
  const auto checked = check_wire(*v1::ReportRequest::descriptor(), bytes);
  if (!checked) return checked.error();
  v1::ReportRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return refuse("message: not one of this contract");
  }
  return decode(request, left_out);
}

Result<IngestMessage> decode(const v1::ReportRequest& request, LeftOut& left_out) {
  switch (request.message_case()) {
    case v1::ReportRequest::kHello:
      return decode(request.hello(), left_out);
    case v1::ReportRequest::kBatch: {
      auto batch = vdm::decode(request.batch(), left_out);
      if (!batch) return batch.error();
      return IngestMessage(std::move(*batch));
    }
    case v1::ReportRequest::kHeartbeat:
      return decode(request.heartbeat(), left_out);
    case v1::ReportRequest::kActiveSnapshot:
      return decode(request.active_snapshot(), left_out);
    case v1::ReportRequest::kGoodbye:
      return IngestMessage(ProxyGoodbye{});
    case v1::ReportRequest::MESSAGE_NOT_SET:
      break;
  }
  return refuse("message: expected hello, batch, heartbeat, active_snapshot or goodbye");
}

}  // namespace vdm::metrics
