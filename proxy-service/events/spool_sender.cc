#include "proxy-service/events/spool_sender.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "common/base/log.h"
#include "proxy-service/spool/spool_file.h"

namespace vdm::proxy {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds AskInterval(100);

SpoolSending unsendable(const fs::path& path, std::string why) {
  const fs::path aside = SpoolFile::set_aside(path);
  log::error("a spool cannot be sent; it is set aside", {{"file", aside.string()}, {"why", why}});
  return {.end = SpoolEnd::SetAside, .why = std::move(why)};
}

SpoolSending not_adopted(const fs::path& path, const Error& error) {
  if (error.kind == ErrorKind::InvalidRequest) return unsendable(path, error.message);
  return {.end = error.kind == ErrorKind::NotFound ? SpoolEnd::Sent : SpoolEnd::InUse,
          .why = error.message};
}

/// What waits in a ring, as its log was made again.
SpoolSending counted(const RingScan& scan) {
  SpoolSending sending;
  std::uint64_t ended = 0;
  for (const FoundRecord& record : scan.records) {
    if (record.kind == RecordKind::Started) ++sending.running;
    if (record.kind == RecordKind::Ended) ++ended;
  }
  sending.events = scan.records.size();
  sending.running -= std::min(sending.running, ended);
  return sending;
}

bool has_nothing(const RingScan& scan, const RingNumbers& numbers) {
  return scan.records.empty() && !scan.is_damaged &&
         numbers.ended_recorded.load() <= numbers.ended_settled.load();
}

}  // namespace

SpoolSending send_spool(const fs::path& path, const ReporterOptions& reporter, const Clock& clock,
                        const std::function<bool(const ReporterStatus&)>& go_on) {
  auto file = SpoolFile::adopt(path);
  if (!file) return not_adopted(path, file.error());
  auto memory = file->map();
  if (!memory) return {.end = SpoolEnd::InUse, .why = memory.error().message};
  RingScan scan = scan_ring(*memory);
  const bool is_damaged = scan.is_damaged || file->is_cut();
  SpoolSending sending = counted(scan);
  if (has_nothing(scan, numbers_of(*memory)) && !file->is_cut()) {
    file->remove();
    sending.end = SpoolEnd::Sent;
    return sending;
  }
  file->trim(scan);
  log::info("sending what a process left", {{"proxy", file->owner().proxy_name},
                                            {"instance", file->owner().instance_id},
                                            {"events", std::to_string(sending.events)},
                                            {"damaged", is_damaged ? "yes" : "no"}});

  ReporterOptions options = reporter;
  options.instance_id = file->owner().instance_id;
  options.secret = file->owner().secret;
  options.proxy_name = file->owner().proxy_name;
  options.version = file->owner().version;
  options.cancel = nullptr;
  options.rejections_unlisted = nullptr;
  const RingPlace end = scan.end;
  options.left = LeftEvents{.scan = std::move(scan),
                            .boot_wall = file->owner().boot_wall,
                            .rejections_unlisted = numbers_of(*memory).rejections_unlisted.load()};
  std::optional<GrpcReporter::Told> told;
  {
    EventQueue queue(std::move(*memory), end);
    GrpcReporter left(queue, std::move(options), clock);
    while (!told && go_on(left.status())) told = left.wait_until_told(AskInterval);
  }
  if (!told) return sending;
  if (*told == GrpcReporter::Told::Refused) {
    return unsendable(path, "the metrics service takes its process for another");
  }
  sending.end = SpoolEnd::Sent;
  if (is_damaged) {
    sending.why = "it was damaged: what was whole is sent, the rest is declared lost";
    const fs::path aside = SpoolFile::set_aside(path);
    log::error("a damaged spool is set aside", {{"file", aside.string()}, {"why", sending.why}});
  } else {
    file->remove();
  }
  log::info("sent what a process left", {{"instance", file->owner().instance_id},
                                         {"events", std::to_string(sending.events)},
                                         {"requests_lost", std::to_string(sending.running)}});
  return sending;
}

SpoolSender::SpoolSender(fs::path folder, ReporterOptions reporter, const Clock& clock,
                         milliseconds look_interval)
    : folder_(std::move(folder)),
      reporter_(std::move(reporter)),
      clock_(clock),
      look_interval_(look_interval),
      thread_([this](const std::stop_token& stopped) { run(stopped); }) {}

void SpoolSender::run(const std::stop_token& stopped) {
  std::mutex mutex;
  std::condition_variable_any wake;
  const auto go_on = [&](const ReporterStatus&) { return !stopped.stop_requested(); };
  while (!stopped.stop_requested()) {
    for (const fs::path& path : SpoolFile::list(folder_)) {
      if (stopped.stop_requested()) return;
      send_spool(path, reporter_, clock_, go_on);
    }
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stopped, look_interval_, [] { return false; });
  }
}

}  // namespace vdm::proxy
