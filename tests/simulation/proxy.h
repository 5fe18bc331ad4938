#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy-service/events/report_messages.h"
#include "proxy-service/events/report_parting.h"
#include "tests/simulation/books.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/stream.h"

namespace vdm::simulation {

/// The memory of a ring, as a file that outlives the process that writes it. Thread: one.
class RingFile {
 public:
  static constexpr std::size_t Bytes = 64 * 1024;

  RingFile();
  ~RingFile();
  RingFile(const RingFile&) = delete;
  RingFile& operator=(const RingFile&) = delete;
  proxy::RingMemory map() const;
  /// As a new file: the records of another ring must not be found in this one.
  void clear() const;

 private:
  int file_;
};

/// A process of a proxy, or, once it was killed and its ring adopted, whoever tells the rest of it:
/// its queue and log, and a reporter that does what GrpcReporter does, without gRPC. Thread: one.
class Proxy {
 public:
  Proxy(std::size_t index, std::shared_ptr<RingFile> file, Books& books, const Clock& clock,
        const Sizes& sizes);

  // Its requests.

  void start(std::size_t count);
  void progress(std::uint32_t which);
  void end(std::size_t count, std::uint32_t which);

  // Its process.

  /// As kill -9: what is in the ring stays.
  void kill();
  void adopt();

  // Its reporter.

  void look();
  /// Writes the next message, if there is one and a stream for it.
  bool write_next();
  void heartbeat_due() { heartbeat_due_ = true; }
  void list_due() { list_due_ = proxy::Detail::Ids; }
  std::shared_ptr<Stream> connect();
  void receive();
  void closed(StreamEnd end);

  bool runs() const { return log_ != nullptr; }
  bool was_killed() const { return killed_; }
  /// The service has all that was left.
  bool is_told() const { return told_; }
  bool is_quiet() const;
  const std::shared_ptr<Stream>& stream() const { return stream_; }
  const std::string& instance() const { return options_.instance_id; }

 private:
  struct Running {
    FactsPtr facts;
    proxy::StartRef start;
    std::uint64_t progress = 0;
  };

  FactsPtr facts_of_next();
  void make_log(std::optional<proxy::RingScan> left);
  void send(const metrics::v1::ReportRequest& message);
  void welcome(std::uint64_t committed, std::uint64_t credit);

  const std::shared_ptr<RingFile> file_;
  Books& books_;
  const Clock& clock_;
  const Sizes sizes_;
  proxy::ReporterOptions options_;
  const SystemTime boot_;
  std::size_t made_ = 0;
  std::vector<Running> running_;
  bool killed_ = false;
  bool told_ = false;

  std::unique_ptr<proxy::EventQueue> queue_;
  std::unique_ptr<proxy::ReportLog> log_;
  std::optional<proxy::ReportParting> parting_;
  std::shared_ptr<Stream> stream_;
  bool welcomed_ = false;
  bool heartbeat_due_ = false;
  std::optional<proxy::Detail> list_due_;
  std::optional<proxy::Snapshot> snapshot_;
};

}  // namespace vdm::simulation
