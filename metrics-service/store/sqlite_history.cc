#include "metrics-service/store/sqlite_history.h"

#include <algorithm>
#include <utility>

#include "common/base/digest.h"
#include "common/base/log.h"
#include "metrics-service/tracker/journal.h"

namespace vdm::metrics {
namespace {

/// How often all rows of all files are read and compared with their hashes.
constexpr auto CheckEvery = std::chrono::hours(24);

std::size_t weight(const LogBatch& batch) { return batch.rows.size() + 1; }

}  // namespace

SqliteHistory::SqliteHistory(SqliteHistoryOptions options, const Clock& clock, PostToOwner post)
    : options_(std::move(options)),
      clock_(clock),
      post_(std::move(post)),
      days_(options_.directory),
      checkpoints_(options_.directory),
      positions_(options_.directory),
      retention_(options_.retention_days),
      reader_(days_, reader_options(), post_,
              [this](const std::filesystem::path& path, const std::string& why) {
                repair_for_reader(path, why);
              }) {}

HistoryReader::Options SqliteHistory::reader_options() {
  HistoryReader::Options options;
  options.retry_after = options_.retry_after;
  options.is_written = [this](const std::filesystem::path& path) { return is_written(path); };
  return options;
}

SqliteHistory::~SqliteHistory() { close(); }

void SqliteHistory::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  repaired_.notify_all();
  reader_.close();
  if (writer_.joinable()) writer_.join();
  file_.reset();
}

std::string SqliteHistory::today() const { return HistoryDays::day_of(clock_.wall()); }

HistoryStart SqliteHistory::open() {
  std::error_code ignored;
  std::filesystem::create_directories(options_.directory, ignored);
  forget_old_days(today());
  days_.finish_repairs();
  for (const std::filesystem::path& aside : days_.set_aside_before()) say_set_aside(aside, "");
  HistoryStart start;
  std::int64_t last_id = 0;
  for (const std::filesystem::path& path : days_.all()) {
    const auto extent = HistoryFile::extent(path.string(), HistoryFile::Writer::None);
    if (extent && extent->format > HistoryFormat) {
      const std::string name = path.filename().string();
      log::warning("history file of a newer release is left as it is", {{"file", name}});
      const std::lock_guard lock(mutex_);
      newer_.insert(name);
    } else if (extent) {
      const std::lock_guard lock(mutex_);
      last_ids_[path.filename().string()] = extent->last_id;
      last_id = std::max(last_id, extent->last_id);
      start.told = std::max(start.told, extent->told);
    } else if (!extent.error().damaged()) {  // else the reader meets it again
      say_waiting(path.filename().string() + ": " + extent.error().message);
    }
  }
  reserve_first(start, static_cast<std::uint64_t>(last_id) / Journal::ChangesPerPosition);
  first_own_id_ = static_cast<std::int64_t>(start.block.first * Journal::ChangesPerPosition);
  return start;
}

void SqliteHistory::reserve_first(HistoryStart& start, std::uint64_t last_position) {
  const auto known = positions_.read();
  start.block.epoch = known ? known->epoch : random_hex(6);
  start.block.first = std::max(known ? known->last : first_position(clock_.wall()), last_position);
  ++start.block.first;
  start.block.last = start.block.first + options_.positions - 1;
  const auto written = positions_.write({.epoch = start.block.epoch, .last = start.block.last});
  start.is_reserved = written.has_value();
  if (written) return;
  log::warning("no positions reserved on disk: cursors will not outlast this process",
               {{"why", written.error().message}});
  start.block.epoch = random_hex(6);
}

std::optional<Checkpoint> SqliteHistory::checkpoint(std::uint64_t below_revision) {
  return checkpoints_.newest(below_revision, [](const std::string& file, const std::string& why) {
    log::warning("checkpoint left out", {{"file", file}, {"why", why}});
  });
}

Result<std::vector<HistoryReader::Part>> SqliteHistory::parts_after(
    const std::vector<Checkpoint::Place>& places) const {
  std::error_code fault;
  const auto paths = days_.all(fault);
  if (fault) {
    return Error{ErrorKind::Internal, options_.directory.string() + ": " + fault.message()};
  }
  const std::lock_guard lock(mutex_);
  std::vector<HistoryReader::Part> parts;
  for (const std::filesystem::path& path : paths) {
    HistoryReader::Part part{.path = path, .last = first_own_id_ - 1};
    const std::string name = path.filename().string();
    for (const Checkpoint::Place& place : places) {
      if (place.file == name) part.after = place.last_id;
    }
    if (newer_.contains(name)) continue;
    const auto known = last_ids_.find(name);
    if (known == last_ids_.end() || known->second > part.after) parts.push_back(std::move(part));
  }
  return parts;
}

std::vector<StoredWatermark> SqliteHistory::watermarks(const Checkpoint* from) {
  // A batch without rows moves a watermark alone: the last file may have newer ones in any case.
  std::vector<std::filesystem::path> paths;
  const auto parts = parts_after(from ? from->places : std::vector<Checkpoint::Place>());
  if (!parts) {
    say_waiting(parts.error().message);
    return {};
  }
  for (const HistoryReader::Part& part : *parts) paths.push_back(part.path);
  const auto all = days_.all();
  if (!all.empty() && std::ranges::find(paths, all.back()) == paths.end()) {
    paths.push_back(all.back());
  }
  std::vector<StoredWatermark> marks;
  for (const std::filesystem::path& path : paths) {
    const auto read = HistoryFile::read_watermarks(
        path.string(), HistoryFile::Writer::None,
        {.row = {}, .watermark = [&](const StoredWatermark& mark) { marks.push_back(mark); }});
    if (!read && !read.error().damaged())
      say_waiting(path.filename().string() + ": " + read.error().message);
  }
  for (const StoredWatermark& mark : marks) stored_before(mark.instance_id, mark.seq);
  return marks;
}

void SqliteHistory::stored_before(std::string_view instance_id, std::uint64_t seq) {
  std::uint64_t& stored = committed_[std::string(instance_id)];
  stored = std::max(stored, seq);
}

void SqliteHistory::restore(const Checkpoint* from, RestoreSink into) {
  const auto places = from ? from->places : std::vector<Checkpoint::Place>();
  wake_writer();  // which mends today's file
  const auto now = parts_after(places);
  if (now && now->empty()) {
    into.done();
  } else {
    reader_.restore([this, places] { return parts_after(places); }, std::move(into),
                    [this](const std::string& why) { say_waiting(why); });
  }
  reader_.check_all();
}

void SqliteHistory::read(std::uint64_t revision, std::uint64_t last,
                         std::function<void(HistoryPage)> on_page) {
  reader_.read(revision, last, std::move(on_page));
}

void SqliteHistory::say_waiting(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (waiting_ == why) return;
  if (!why.empty()) log::error("history cannot be read yet", {{"why", why}});
  waiting_ = why;
}

void SqliteHistory::say_failing(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (failing_ == why) return;
  if (why.empty()) {
    log::info("history kept again");
  } else {
    log::error("history not kept", {{"why", why}});
  }
  failing_ = why;
}

AppendResult SqliteHistory::append(LogBatch batch, std::function<void()> on_committed) {
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
    queue_.push_back({std::move(batch), std::move(on_committed), nullptr});
  }
  wake_writer();
  return AppendResult::Accepted;
}

void SqliteHistory::wake_writer() {
  if (!writer_.joinable()) writer_ = std::thread([this] { write_until_closed(); });
  wake_.notify_all();
}

void SqliteHistory::keep(Checkpoint checkpoint) {
  // What was refused is in the state, and will be stored behind it.
  if (!behind_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (closing_ || waiting_checkpoints_ > 0) return;
    ++waiting_checkpoints_;
    queue_.push_back({{}, nullptr, std::make_shared<Checkpoint>(std::move(checkpoint))});
  }
  wake_writer();
}

void SqliteHistory::reserve(PositionBlock block, std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    reservation_ = Reservation{std::move(block), std::move(done)};
  }
  wake_writer();
}

void SqliteHistory::resume(const std::string& instance_id) { behind_.erase(instance_id); }

std::vector<std::string> SqliteHistory::degraded() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> reasons = set_aside_;
  for (const std::string& name : newer_) {
    reasons.push_back("history file " + name +
                      " is of a newer release: it is left as it is, and not counted");
  }
  if (!failing_.empty()) reasons.push_back("history is not being kept: " + failing_);
  if (!waiting_.empty()) {
    reasons.push_back("history cannot be read, so the totals are too small: " + waiting_);
  }
  return reasons;
}

void SqliteHistory::write_until_closed() {
  check_at_ = clock_.monotonic() + CheckEvery;
  for (;;) {
    write_reservation();
    repair_wanted();
    if (clock_.monotonic() >= check_at_) {
      check_at_ = clock_.monotonic() + CheckEvery;
      reader_.check_all();
    }
    std::vector<Item> group = next_group();
    if (group.empty()) {
      const std::lock_guard lock(mutex_);
      if (closing_ && queue_.empty()) return;
      continue;
    }
    if (group.front().checkpoint) {
      write_checkpoint(*group.front().checkpoint);
      continue;
    }
    while (!write(group)) {
      write_reservation();
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, options_.retry_after, [&] { return closing_; });
      if (closing_) return;  // not reported as committed, so the proxies still have these events
    }
    committed(group);
  }
}

/// Waits for work. A checkpoint is a group of its own.
std::vector<SqliteHistory::Item> SqliteHistory::next_group() {
  std::vector<Item> group;
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, options_.retry_after,
                 [&] { return closing_ || !queue_.empty() || is_errand_due(); });
  if (queue_.empty()) return group;
  if (!queue_.front().checkpoint) {
    wake_.wait_for(lock, options_.group_wait, [&] {
      return closing_ || rows_queued_ >= options_.group_rows || is_errand_due();
    });
  }
  std::size_t rows = 0;
  while (!queue_.empty() && rows < options_.group_rows) {
    const bool is_checkpoint = queue_.front().checkpoint != nullptr;
    if (is_checkpoint && !group.empty()) break;
    rows += is_checkpoint ? options_.group_rows : weight(queue_.front().batch);
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void SqliteHistory::committed(std::vector<Item>& group) {
  std::size_t rows = 0;
  for (Item& item : group) {
    rows += weight(item.batch);
    if (item.batch.watermark > 0) stored_before(item.batch.instance_id, item.batch.watermark);
    if (item.on_committed) post_(std::move(item.on_committed));
  }
  const std::lock_guard lock(mutex_);
  rows_queued_ -= rows;
}

void SqliteHistory::write_checkpoint(Checkpoint& checkpoint) {
  {
    const std::lock_guard lock(mutex_);
    --waiting_checkpoints_;
  }
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, last_id] : last_ids_) {
      checkpoint.places.push_back({.file = name, .last_id = last_id});
    }
  }
  const auto written = checkpoints_.write(checkpoint);
  if (written) return;
  log::warning("checkpoint not written: the next start takes longer",
               {{"why", written.error().message}});
}

void SqliteHistory::write_reservation() {
  Reservation reservation;
  {
    const std::lock_guard lock(mutex_);
    if (!is_reservation_due()) return;
    reservation = *reservation_;
  }
  const auto written =
      positions_.write({.epoch = reservation.block.epoch, .last = reservation.block.last});
  {
    const std::lock_guard lock(mutex_);
    reserve_again_at_ = clock_.monotonic() + options_.retry_after;
    const bool is_newest = reservation_ && reservation_->block.epoch == reservation.block.epoch &&
                           reservation_->block.last == reservation.block.last;
    if (written && is_newest) reservation_.reset();
    if (written && is_newest) reserve_again_at_ = {};
  }
  if (written) post_(std::move(reservation.done));
}

bool SqliteHistory::write(const std::vector<Item>& group) {
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
    if (repair(file_path_, error->message)) error = write_once(batches);
  }
  if (error) {
    file_.reset();
    say_failing(error->message);
    return false;
  }
  say_failing("");
  return true;
}

std::optional<sqlite::Error> SqliteHistory::write_once(
    const std::vector<const LogBatch*>& batches) {
  const std::string day = today();
  const bool is_open = day == file_day_ && file_;
  if (auto fault = is_open ? look_at_file() : open_file(day)) return fault;
  const WallTime now = std::chrono::floor<Micros>(clock_.wall());
  const auto appended = file_->append(batches, now);
  if (!appended) return appended.error();
  mark_ = FileMark::of(file_path_);
  const std::lock_guard lock(mutex_);
  last_ids_[file_path_.filename().string()] = file_->last_id();
  return std::nullopt;
}

}  // namespace vdm::metrics
