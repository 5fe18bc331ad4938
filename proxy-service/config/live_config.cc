#include "proxy-service/config/live_config.h"

#include <algorithm>
#include <utility>

#include <sys/stat.h>

#include "common/settings/file.h"
#include "proxy-service/config/changes.h"
#include "proxy-service/config/let_in.h"

namespace vdm::proxy {

LiveConfig::LiveConfig(CommandLine line, Env env, Machine machine, Config running)
    : line_(std::move(line)),
      env_(std::move(env)),
      machine_(std::move(machine)),
      running_(std::move(running)),
      from_file_(file_has_content()),
      read_(look()),
      seen_(read_) {}

LiveConfig::Stamps LiveConfig::look() const {
  const auto stamp_of = [](const std::string& file) -> Stamp {
    struct stat found {};
    if (file.empty() || ::stat(file.c_str(), &found) != 0) return {};
    return {found.st_mtim.tv_sec, found.st_mtim.tv_nsec, static_cast<std::uint64_t>(found.st_size),
            found.st_ino};
  };
  return {stamp_of(line_.file_name()), stamp_of(running_.models.path)};
}

bool LiveConfig::file_has_content() const {
  Faults unasked;
  const auto missing = settings::MissingFile::Empty;
  return !settings::read_file(line_.file_name(), missing, unasked).entries.empty();
}

bool LiveConfig::file_has_changed() {
  const Stamps now = look();
  const bool settled = std::exchange(seen_, now) == now;
  return settled && now != read_;
}

LiveConfig::Outcome LiveConfig::reload() {
  // Take the files' stamps before reading them, so that a write meanwhile counts as another change.
  read_ = seen_ = look();
  const std::string models_path = running_.models.path;
  auto loaded =
      load(line_, env_, machine_, from_file_ ? FileContent::Required : FileContent::Optional);
  if (auto* faults = std::get_if<Faults>(&loaded)) return {.faults = std::move(*faults)};
  Config& next = std::get<Config>(loaded);
  Outcome outcome;
  outcome.restart = put_back_fixed(running_, next);
  const bool is_ours = settings::is_owners_alone(line_.file_name());
  const auto writers = is_ours ? ConfigWriters::Owner : ConfigWriters::Others;
  outcome.faults = newly_let_in(running_, next, writers);
  if (!outcome.faults.empty()) return {.faults = std::move(outcome.faults)};
  outcome.changed = changes(running_, next);
  std::ranges::copy_if(
      next.notices, std::back_inserter(outcome.notices), [this](const std::string& notice) {
        return std::ranges::find(running_.notices, notice) == running_.notices.end();
      });
  running_ = std::move(next);
  from_file_ = from_file_ || file_has_content();
  if (running_.models.path != models_path) read_ = seen_ = look();
  return outcome;
}

std::vector<std::string> put_back_fixed(const Config& running, Config& next) {
  Config kept = next;
  kept.listen = running.listen;
  kept.proxy_name = running.proxy_name;
  kept.threads = running.threads;
  kept.log_level = running.log_level;
  kept.core_dumps_allowed = running.core_dumps_allowed;
  kept.metrics.enabled = running.metrics.enabled;
  kept.metrics.ingest = running.metrics.ingest;
  kept.metrics.ingest_token = running.metrics.ingest_token;
  kept.metrics.spool_dir = running.metrics.spool_dir;
  kept.metrics.ingest_token_file = running.metrics.ingest_token_file;
  kept.limits.connections_max = running.limits.connections_max;
  kept.limits.connections_per_address_max = running.limits.connections_per_address_max;
  kept.limits.all_bodies_bytes_max = running.limits.all_bodies_bytes_max;
  kept.limits.event_buffer_bytes_max = running.limits.event_buffer_bytes_max;
  std::vector<std::string> fixed = changes(kept, next);
  next = std::move(kept);
  return fixed;
}

}  // namespace vdm::proxy
