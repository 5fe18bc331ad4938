#include <algorithm>
#include <system_error>
#include <utility>

#include "common/base/log.h"
#include "metrics-service/store/salvage.h"
#include "metrics-service/store/sqlite_history.h"

// The files of SqliteHistory: which one is written, and what becomes of a damaged one.

namespace vdm::metrics {
namespace {

constexpr int FilesOfDayMax = 9;

}  // namespace

void SqliteHistory::forget_old_days(const std::string& today) {
  std::vector<std::string> days;
  for (const std::filesystem::path& path : days_.all()) {
    const std::string day = HistoryDays::day_in(path);
    if (days.empty() || days.back() != day) days.push_back(day);
  }
  const auto outdated = retention_.outdated(days, today, clock_.monotonic());
  for (const std::filesystem::path& path : days_.all()) {
    if (std::ranges::find(outdated, HistoryDays::day_in(path)) == outdated.end()) continue;
    HistoryDays::remove(path);
    log::info("history day forgotten", {{"file", path.string()}});
  }
}

std::filesystem::path SqliteHistory::path_to_write(const std::string& day) const {
  for (int nth = 1;; ++nth) {
    const std::filesystem::path path = days_.path_of(day, nth);
    std::error_code ignored;
    if (nth == FilesOfDayMax || !std::filesystem::exists(path, ignored)) return path;
    const auto extent = HistoryFile::extent(path.string(), HistoryFile::Writer::MayBe);
    if (!extent || extent->format <= HistoryFormat) return path;
  }
}

std::optional<sqlite::Error> SqliteHistory::open_file(const std::string& day) {
  file_.reset();
  if (day != file_day_) forget_old_days(day);
  file_day_ = day;
  std::error_code ignored;
  std::filesystem::create_directories(options_.directory, ignored);
  file_path_ = path_to_write(day);
  auto opened = HistoryFile::open(file_path_.string());
  if (!opened) return opened.error();
  file_.emplace(std::move(*opened));
  mark_ = FileMark::of(file_path_);
  return std::nullopt;
}

std::optional<sqlite::Error> SqliteHistory::look_at_file() {
  const FileMark mark = FileMark::of(file_path_);
  if (mark == mark_) return std::nullopt;
  if (!mark.is_same_file(mark_)) return open_file(file_day_);  // it was moved away
  if (const auto whole = HistoryFile::whole(file_path_.string()); !whole) return whole.error();
  mark_ = mark;
  return std::nullopt;
}

void SqliteHistory::say_set_aside(const std::filesystem::path& aside, const std::string& more) {
  const std::lock_guard lock(mutex_);
  set_aside_.push_back("history was damaged and set aside as " + aside.filename().string() + more +
                       ": the totals may differ from it until the file is removed");
}

/// Returns false when the disk does not let it be done now.
bool SqliteHistory::repair(const std::filesystem::path& path, const std::string& why) {
  const std::lock_guard one_at_a_time(repairing_);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return true;
  const std::filesystem::path saved = HistoryDays::saved_path(path);
  HistoryDays::remove(saved);
  const auto rows = salvage(path.string(), saved.string());
  if (!rows) {
    log::error("history file cannot be mended now",
               {{"file", path.string()}, {"why", rows.error().message}});
    return false;
  }
  const std::filesystem::path aside = HistoryDays::set_aside(path, clock_.wall());
  if (rows->count > 0) std::filesystem::rename(saved, path, ignored);
  HistoryDays::remove(saved);
  const auto extent = HistoryFile::extent(path.string(), HistoryFile::Writer::None);
  {
    const std::lock_guard lock(mutex_);
    last_ids_.erase(path.filename().string());
    if (rows->count > 0 && extent) last_ids_[path.filename().string()] = extent->last_id;
  }
  log::error("history file was damaged", {{"file", path.string()},
                                          {"why", why},
                                          {"rows_saved", std::to_string(rows->count)},
                                          {"set_aside_as", aside.string()}});
  say_set_aside(aside, " (" + why + "), " + std::to_string(rows->count) + " rows were saved");
  return true;
}

/// The writer has today's file open: it mends it itself.
void SqliteHistory::repair_for_reader(const std::filesystem::path& path, const std::string& why) {
  if (!is_written(path)) {
    (void)repair(path, why);
    return;
  }
  std::unique_lock lock(mutex_);
  repair_wanted_.emplace(path, why);
  wake_.notify_all();
  repaired_.wait(lock, [&] { return closing_ || !repair_wanted_; });
}

void SqliteHistory::repair_wanted() {
  std::pair<std::filesystem::path, std::string> wanted;
  {
    const std::lock_guard lock(mutex_);
    if (!repair_wanted_) return;
    wanted = *repair_wanted_;
  }
  file_.reset();
  (void)repair(wanted.first, wanted.second);
  {
    const std::lock_guard lock(mutex_);
    repair_wanted_.reset();
  }
  repaired_.notify_all();
}

}  // namespace vdm::metrics
