#include "metrics-service/store/sqlite_log.h"

#include <algorithm>
#include <utility>

#include <absl/strings/str_format.h>
#include <absl/time/time.h>

#include "common/base/log.h"

namespace vdm::metrics {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view Prefix = "history-";
constexpr std::string_view Suffix = ".sqlite";

std::string day_of(SystemTime time) {
  return absl::FormatTime("%Y-%m-%d", absl::FromChrono(time), absl::UTCTimeZone());
}

std::size_t weight(const LogBatch& batch) { return batch.rows.size() + 1; }

}  // namespace

SqliteLog::SqliteLog(SqliteLogOptions options, const Clock& clock, PostToOwner post)
    : options_(std::move(options)), clock_(clock), post_(std::move(post)) {}

SqliteLog::~SqliteLog() { close(); }

void SqliteLog::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
  file_.reset();
}

std::string SqliteLog::today() const { return day_of(clock_.wall()); }

fs::path SqliteLog::path_of(const std::string& day) const {
  return options_.directory / (std::string(Prefix) + day + std::string(Suffix));
}

std::vector<fs::path> SqliteLog::days() const {
  std::vector<fs::path> found;
  std::error_code fault;
  for (const auto& entry : fs::directory_iterator(options_.directory, fault)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(Prefix) && name.ends_with(Suffix) &&
        name.size() == Prefix.size() + 10 + Suffix.size()) {
      found.push_back(entry.path());
    }
  }
  std::ranges::sort(found);
  return found;
}

void SqliteLog::forget_old_days(const std::string& today) {
  absl::Time midnight;
  std::string fault;
  if (!absl::ParseTime("%Y-%m-%d", today, &midnight, &fault)) return;
  const absl::Time oldest = midnight - absl::Hours(24) * options_.retention_days;
  const fs::path first_kept = path_of(absl::FormatTime("%Y-%m-%d", oldest, absl::UTCTimeZone()));
  for (const fs::path& path : days()) {
    if (path >= first_kept) break;
    std::error_code ignored;
    for (const char* more : {"", "-wal", "-shm"}) fs::remove(path.string() + more, ignored);
    log::info("history day forgotten", {{"file", path.string()}});
  }
}

void SqliteLog::set_aside(const fs::path& path, const std::string& why) {
  const std::string aside =
      path.string() + ".bad-" +
      absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromChrono(clock_.wall()), absl::UTCTimeZone());
  for (const char* more : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    fs::rename(path.string() + more, aside + more, ignored);
  }
  log::error("history file set aside", {{"file", path.string()}, {"as", aside}, {"why", why}});
  const std::lock_guard lock(mutex_);
  set_aside_.push_back("history file " + path.filename().string() + " is damaged (" + why +
                       ") and was set aside as " + fs::path(aside).filename().string());
}

void SqliteLog::say_failing(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (failing_ == why) return;
  if (why.empty()) {
    log::info("history kept again");
  } else {
    log::error("history not kept", {{"why", why}});
  }
  failing_ = why;
}

void SqliteLog::replay(const Replay& into) {
  std::error_code ignored;
  fs::create_directories(options_.directory, ignored);
  forget_old_days(today());
  Replay watching = into;
  watching.watermark = [&](const ReplayedWatermark& mark) {
    std::uint64_t& seq = committed_[mark.instance_id];
    seq = std::max(seq, mark.seq);
    into.watermark(mark);
  };
  for (const fs::path& path : days()) {
    const auto replayed = HistoryFile::replay(path.string(), watching);
    if (replayed) continue;
    if (replayed.error().damaged()) {
      set_aside(path, replayed.error().message);
    } else {
      say_failing(path.filename().string() + ": " + replayed.error().message);
    }
  }
}

AppendResult SqliteLog::append(LogBatch batch, std::function<void()> on_committed) {
  const bool of_proxy = batch.watermark > 0;
  {
    const std::lock_guard lock(mutex_);
    if (of_proxy && behind_.contains(batch.instance_id)) {
      const bool works = failing_.empty() && rows_queued_ <= options_.rows_queued_max / 2;
      return works ? AppendResult::Resend : AppendResult::NotNow;
    }
    if (closing_) return AppendResult::NotNow;
    if (rows_queued_ + weight(batch) > options_.rows_queued_max) {
      if (of_proxy) behind_.insert(batch.instance_id);
      return AppendResult::NotNow;
    }
    rows_queued_ += weight(batch);
    queue_.push_back(Item{std::move(batch), std::move(on_committed)});
  }
  if (!writer_.joinable()) writer_ = std::thread([this] { write_until_closed(); });
  wake_.notify_all();
  return AppendResult::Accepted;
}

void SqliteLog::resume(const std::string& instance_id) { behind_.erase(instance_id); }

std::vector<std::string> SqliteLog::degraded() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> reasons = set_aside_;
  if (!failing_.empty()) reasons.push_back("history is not being kept: " + failing_);
  return reasons;
}

void SqliteLog::write_until_closed() {
  for (;;) {
    std::vector<Item> group;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      wake_.wait_for(lock, options_.group_wait,
                     [&] { return closing_ || rows_queued_ >= options_.group_rows; });
      std::size_t rows = 0;
      while (!queue_.empty() && rows < options_.group_rows) {
        rows += weight(queue_.front().batch);
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    while (!write(group)) {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, options_.retry_after, [&] { return closing_; });
      if (closing_) return;  // not reported as committed, so the proxies still have these events
    }
    std::size_t rows = 0;
    for (Item& item : group) {
      rows += weight(item.batch);
      if (item.batch.watermark > 0) {
        std::uint64_t& seq = committed_[item.batch.instance_id];
        seq = std::max(seq, item.batch.watermark);
      }
      if (item.on_committed) post_(std::move(item.on_committed));
    }
    const std::lock_guard lock(mutex_);
    rows_queued_ -= rows;
  }
}

bool SqliteLog::write(const std::vector<Item>& group) {
  std::vector<LogBatch> fresh;  // without the rows that an earlier day's file already has
  fresh.reserve(group.size());
  std::vector<const LogBatch*> batches;
  for (const Item& item : group) {
    LogBatch& batch = fresh.emplace_back(item.batch);
    const auto known = committed_.find(batch.instance_id);
    const std::uint64_t committed = known == committed_.end() ? 0 : known->second;
    std::erase_if(batch.rows,
                  [&](const LiveEventPtr& row) { return row->seq > 0 && row->seq <= committed; });
    batches.push_back(&batch);
  }
  auto error = write_once(batches);
  if (error && error->damaged()) {
    file_.reset();
    set_aside(path_of(file_day_), error->message);
    error = write_once(batches);
  }
  if (error) {
    file_.reset();
    say_failing(error->message);
    return false;
  }
  say_failing("");
  return true;
}

std::optional<sqlite::Error> SqliteLog::write_once(const std::vector<const LogBatch*>& batches) {
  const std::string day = today();
  if (day != file_day_ || !file_) {
    file_.reset();
    if (day != file_day_) forget_old_days(day);
    file_day_ = day;
    std::error_code ignored;
    fs::create_directories(options_.directory, ignored);
    auto opened = HistoryFile::open(path_of(day).string());
    if (!opened) return opened.error();
    file_.emplace(std::move(*opened));
  }
  const WallTime now = std::chrono::floor<Micros>(clock_.wall());
  const auto appended = file_->append(batches, now);
  if (!appended) return appended.error();
  return std::nullopt;
}

}  // namespace vdm::metrics
