#include "metrics-service/store/history_reader.h"

#include <algorithm>
#include <limits>

namespace vdm::metrics {
namespace {

constexpr std::size_t CheckPiece = 1'000;
constexpr std::chrono::milliseconds CheckPause{50};

std::string do_not_match(std::int64_t rows) {
  return std::to_string(rows) + " rows do not match their hashes";
}

}  // namespace

HistoryReader::HistoryReader(
    HistoryDays days, Options options, PostToOwner post,
    std::function<void(const std::filesystem::path&, const std::string&)> damaged)
    : days_(std::move(days)),
      options_(std::move(options)),
      post_(std::move(post)),
      damaged_(std::move(damaged)),
      thread_([this] { work_until_closed(); }) {}

HistoryReader::~HistoryReader() { close(); }

void HistoryReader::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void HistoryReader::run(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    jobs_.push_back(std::move(work));
  }
  wake_.notify_all();
}

bool HistoryReader::ends_within(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [&] { return closing_ || !urgent_.empty(); });
  while (!closing_ && !urgent_.empty()) {
    const auto work = std::move(urgent_.front());
    urgent_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
  return closing_;
}

void HistoryReader::work_until_closed() {
  while (!ends_within(std::chrono::milliseconds(0))) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return closing_ || !urgent_.empty() || !jobs_.empty(); });
      if (closing_) return;
      if (!urgent_.empty()) continue;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

void HistoryReader::restore(std::function<Result<std::vector<Part>>()> parts, RestoreSink into,
                            std::function<void(const std::string&)> waits) {
  run([this, parts = std::move(parts), into = std::move(into), waits = std::move(waits)] {
    auto found = parts();
    for (; !found; found = parts()) {
      waits(found.error().message);
      if (ends_within(options_.retry_after)) return;
    }
    for (const Part& part : *found) {
      if (!read_part(part, into, waits)) return;  // closed
    }
    waits("");
    post_([done = into.done] { done(); });
  });
}

/// Returns false when the reader was closed.
bool HistoryReader::read_part(const Part& part, const RestoreSink& into,
                              const std::function<void(const std::string&)>& waits) {
  std::int64_t after = part.after;
  for (int repairs = 0;;) {
    std::vector<LiveEventPtr> rows;
    std::int64_t bad_rows = 0;
    bool closed = false;
    const auto read =
        HistoryFile::read_rows(part.path.string(), writer_of(part.path), after, part.last,
                               {.row =
                                    [&](LiveEventPtr row) {
                                      after = static_cast<std::int64_t>(row->revision);
                                      rows.push_back(std::move(row));
                                      if (rows.size() < options_.rows_posted) return true;
                                      post_rows(std::exchange(rows, {}), into);
                                      closed = ends_within(std::chrono::milliseconds(0));
                                      return !closed;
                                    },
                                .watermark = {},
                                .damaged = [&](std::int64_t) { ++bad_rows; }});
    if (closed) return false;
    if (!rows.empty()) post_rows(std::move(rows), into);
    if (read) {
      waits("");
      if (bad_rows > 0) damaged_(part.path, do_not_match(bad_rows));
      return true;
    }
    if (read.error().damaged()) {
      waits("");
      damaged_(part.path, read.error().message);
      if (repairs++ > 0) return true;
      continue;  // with what was saved
    }
    std::error_code ignored;
    if (!std::filesystem::exists(part.path, ignored) && !ignored) {
      waits("");  // nothing of it could be saved
      return true;
    }
    waits(part.path.filename().string() + ": " + read.error().message);
    if (ends_within(options_.retry_after)) return false;
  }
}

void HistoryReader::check_all() {
  run([this] {
    for (const std::filesystem::path& path : days_.all()) {
      if (!check(path)) return;
    }
  });
}

bool HistoryReader::check(const std::filesystem::path& path) {
  const auto extent = HistoryFile::extent(path.string(), writer_of(path));
  if (!extent && extent.error().damaged()) damaged_(path, extent.error().message);
  if (!extent) return true;
  std::int64_t rows = 0;
  std::int64_t bad_rows = 0;
  std::int64_t after = 0;
  while (after < extent->last_id) {
    // In pieces: a reader that stays in a file keeps its write-ahead log from being emptied.
    std::size_t piece = 0;
    const std::int64_t begun = after;
    const auto read = HistoryFile::read_rows(path.string(), writer_of(path), after, extent->last_id,
                                             {.row =
                                                  [&](const LiveEventPtr& row) {
                                                    after =
                                                        static_cast<std::int64_t>(row->revision);
                                                    ++rows;
                                                    return ++piece < CheckPiece;
                                                  },
                                              .watermark = {},
                                              .damaged = [&](std::int64_t) { ++bad_rows; }});
    if (!read) {
      if (read.error().damaged()) damaged_(path, read.error().message);
      return true;
    }
    if (after == begun || piece < CheckPiece) break;
    if (ends_within(CheckPause)) return false;
  }
  const std::int64_t missing = extent->rows ? *extent->rows - rows - bad_rows : 0;
  if (bad_rows > 0) damaged_(path, do_not_match(bad_rows));
  if (bad_rows == 0 && missing > 0) damaged_(path, std::to_string(missing) + " rows are missing");
  return !ends_within(std::chrono::milliseconds(0));
}

HistoryFile::Writer HistoryReader::writer_of(const std::filesystem::path& path) const {
  const bool is_written = options_.is_written && options_.is_written(path);
  return is_written ? HistoryFile::Writer::MayBe : HistoryFile::Writer::None;
}

void HistoryReader::post_rows(std::vector<LiveEventPtr> rows, const RestoreSink& into) {
  {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return closing_ || posts_ < options_.posts_max; });
    if (closing_) return;
    ++posts_;
  }
  post_([this, rows = std::move(rows), give = into.rows] {
    give(rows);
    {
      const std::lock_guard lock(mutex_);
      --posts_;
    }
    wake_.notify_all();
  });
}

void HistoryReader::read(std::uint64_t revision, std::uint64_t last,
                         std::function<void(HistoryPage)> on_page) {
  auto work = [this, revision, last, on_page = std::move(on_page)] {
    post_([on_page, found = page(revision, last)] { on_page(found); });
  };
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    urgent_.push_back(std::move(work));
  }
  wake_.notify_all();
}

/// The next rows are all in one file, unless the clock was set back: then a page ends where another
/// file goes on.
HistoryPage HistoryReader::page(std::uint64_t revision, std::uint64_t last) const {
  HistoryPage page{.rows = {}, .up_to = last};
  const auto after = static_cast<std::int64_t>(revision);
  std::filesystem::path from;
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t second = static_cast<std::int64_t>(last);
  for (const std::filesystem::path& path : days_.all()) {
    const auto extent = HistoryFile::extent(path.string(), writer_of(path));
    if (!extent) page.is_complete = false;
    if (!extent || extent->last_id <= after) continue;
    std::int64_t begins = 0;
    const auto found = HistoryFile::read_rows(path.string(), writer_of(path), after, second,
                                              {.row =
                                                   [&](const LiveEventPtr& row) {
                                                     begins =
                                                         static_cast<std::int64_t>(row->revision);
                                                     return false;
                                                   },
                                               .watermark = {}});
    if (!found) page.is_complete = false;
    if (begins == 0) continue;
    if (begins < first) {
      second = std::min(second, first - 1);
      std::swap(first, begins);
      from = path;
    } else {
      second = std::min(second, begins - 1);
    }
  }
  if (from.empty()) return page;
  bool is_cut = false;
  const auto read = HistoryFile::read_rows(from.string(), writer_of(from), after, second,
                                           {.row =
                                                [&](LiveEventPtr row) {
                                                  is_cut = page.rows.size() == options_.page_rows;
                                                  if (!is_cut) page.rows.push_back(std::move(row));
                                                  return !is_cut;
                                                },
                                            .watermark = {}});
  if (!read) page.is_complete = false;
  page.up_to = is_cut ? page.rows.back()->revision : static_cast<std::uint64_t>(second);
  return page;
}

}  // namespace vdm::metrics
