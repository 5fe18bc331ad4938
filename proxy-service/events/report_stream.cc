#include "proxy-service/events/report_stream.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "proto/contract/ingest_token.h"

namespace vdm::proxy {
namespace {

namespace v1 = metrics::v1;

const std::string Method = std::string("/") + v1::Ingest::service_full_name() + "/Report";

/// Makes a channel for each stream: the reporter decides when to reconnect, and gRPC looks
/// the name up again each time, since a restarted container has another address.
std::shared_ptr<grpc::Channel> channel_to(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Ingest is on our own network; http_proxy in the environment is for providers.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

ReportStream::ReportStream(boost::asio::any_io_executor owner, Handlers handlers)
    : owner_(std::move(owner)), handlers_(std::move(handlers)) {}

std::shared_ptr<ReportStream> ReportStream::open(boost::asio::any_io_executor owner,
                                                 const std::string& address, const Secret& token,
                                                 Handlers handlers) {
  std::shared_ptr<ReportStream> stream(new ReportStream(std::move(owner), std::move(handlers)));
  if (!token.empty()) stream->context_.AddMetadata(AuthorizationKey, authorization_of(token));
  stream->start(address);
  return stream;
}

void ReportStream::start(const std::string& address) {
  self_ = shared_from_this();
  channel_ = channel_to(address);
  grpc::TemplatedGenericStub<grpc::ByteBuffer, v1::ReportReply> stub(channel_);
  stub.PrepareBidiStreamingCall(&context_, Method, {}, this);
  // We start reads and writes from outside gRPC's callbacks; without a hold gRPC
  // could end the stream in between.
  AddHold();
  StartRead(&reply_);
  StartCall();
}

void ReportStream::write(std::string_view message) {
  if (!held_) return;
  const grpc::Slice slice(message.data(), message.size());
  message_ = grpc::ByteBuffer(&slice, 1);
  StartWrite(&message_);
}

void ReportStream::cancel() {
  context_.TryCancel();
  release();
}

void ReportStream::release() {
  if (std::exchange(held_, false)) RemoveHold();
}

void ReportStream::OnReadDone(bool ok) {
  boost::asio::post(owner_, [this, ok, self = shared_from_this()] {
    if (!ok) return release();
    handlers_.received(reply_);
    if (held_) StartRead(&reply_);
  });
}

void ReportStream::OnWriteDone(bool ok) {
  boost::asio::post(owner_, [this, ok, self = shared_from_this()] {
    if (ok) return handlers_.written();
    cancel();
  });
}

void ReportStream::OnDone(const grpc::Status& status) {
  // The owner must drop the last reference: that destroys the last channel, which
  // joins gRPC's callback threads, and this is one of them.
  const boost::asio::any_io_executor owner = owner_;
  boost::asio::post(owner, [this, status, self = std::move(self_)] { handlers_.closed(status); });
}

}  // namespace vdm::proxy
