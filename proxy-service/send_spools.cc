#include "proxy-service/send_spools.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "common/base/clock.h"
#include "common/base/version.h"
#include "common/settings/command_line.h"
#include "proxy-service/events/spool_sender.h"
#include "proxy-service/spool/spool_file.h"

namespace vdm::proxy {
namespace {

constexpr std::chrono::seconds Patience(30);
constexpr std::chrono::seconds SayEvery(1);

std::string counted(std::uint64_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string result_of(const SpoolSending& sending) {
  switch (sending.end) {
    case SpoolEnd::Sent:
      return "sent: " + counted(sending.events, "event") + ", " +
             counted(sending.running, "request") + " lost while running" +
             (sending.why.empty() ? "" : "; " + sending.why);
    case SpoolEnd::Waits:
      return "not sent: the metrics service does not take it; the file stays";
    case SpoolEnd::InUse:
      return "left alone: " + sending.why;
    case SpoolEnd::SetAside:
      return "set aside: " + sending.why;
  }
  std::abort();  // every end is listed above; -Wswitch keeps it so
}

/// Says every second how much waits, and gives up when that does not change.
class Progress {
 public:
  explicit Progress(const Clock& clock) : clock_(clock), moved_(clock.monotonic()) {}

  bool go_on(const ReporterStatus& status) {
    const MonotonicTime now = clock_.monotonic();
    if (std::exchange(acknowledged_, status.acknowledged_seq) != status.acknowledged_seq) {
      moved_ = now;
    }
    if (now - said_ >= SayEvery) {
      said_ = now;
      std::printf("  %s, %llu bytes wait\n", status.connected ? "connected" : "not connected",
                  static_cast<unsigned long long>(status.buffered_bytes));
      std::fflush(stdout);
    }
    return now - moved_ < Patience;
  }

 private:
  const Clock& clock_;
  MonotonicTime moved_;
  MonotonicTime said_{};
  std::uint64_t acknowledged_ = 0;
};

}  // namespace

int send_spools(const Config& config) {
  if (config.metrics.spool_dir.empty()) {
    std::fprintf(stderr, "vdm-proxy: --send-spool needs VDM_SPOOL_DIR\n");
    return settings::BadUsage;
  }
  const SystemClock clock;
  const ReporterOptions reporter{.address = authority(config.metrics.ingest),
                                 .instance_id = {},
                                 .proxy_name = {},
                                 .version = {},
                                 .token = config.metrics.ingest_token,
                                 .token_file = config.metrics.ingest_token_file};
  const auto paths = SpoolFile::list(config.metrics.spool_dir);
  std::printf("%s in %s\n", counted(paths.size(), "spool").c_str(),
              config.metrics.spool_dir.c_str());
  bool all = true;
  for (const auto& path : paths) {
    std::printf("%s\n", path.filename().c_str());
    Progress progress(clock);
    const SpoolSending sending = send_spool(
        path, reporter, clock, [&](const ReporterStatus& now) { return progress.go_on(now); });
    std::printf("  %s\n", result_of(sending).c_str());
    std::fflush(stdout);
    all &= sending.end == SpoolEnd::Sent || sending.end == SpoolEnd::InUse;
  }
  std::printf("%s\n", all ? "nothing waits" : "something was not sent");
  return all ? 0 : 1;
}

}  // namespace vdm::proxy
