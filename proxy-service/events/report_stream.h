#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <boost/asio/any_io_executor.hpp>

#include <vdm/metrics/v1/ingest.grpc.pb.h>

#include "common/base/secret.h"

namespace vdm::proxy {

/// One Ingest.Report stream, from its opening to its end; it is never opened again. At
/// most one read and one write are outstanding. It calls its handlers on the owner's
/// executor. Callers pass encoded messages, since a batch is not built of message objects
/// (see event_wire.h). Thread: owner only; gRPC's threads only post.
class ReportStream final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, metrics::v1::ReportReply>,
      public std::enable_shared_from_this<ReportStream> {
 public:
  struct Handlers {
    /// The stream reads the next reply when this returns.
    std::function<void(const metrics::v1::ReportReply&)> received;
    std::function<void()> written;
    /// After this the stream calls no handler any more.
    std::function<void(const grpc::Status&)> closed;
  };

  /// `token` is shown to the service unless it is empty.
  static std::shared_ptr<ReportStream> open(boost::asio::any_io_executor owner,
                                            const std::string& address, const Secret& token,
                                            Handlers handlers);

  /// An encoded ReportRequest; it is copied.
  void write(std::string_view message);
  void cancel();

 private:
  ReportStream(boost::asio::any_io_executor owner, Handlers handlers);
  void start(const std::string& address);
  void release();

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const boost::asio::any_io_executor owner_;
  Handlers handlers_;
  grpc::ClientContext context_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::ByteBuffer message_;
  metrics::v1::ReportReply reply_;
  bool held_ = true;                    // owner's: gRPC must let us start more
  std::shared_ptr<ReportStream> self_;  // keeps us alive until OnDone
};

}  // namespace vdm::proxy
