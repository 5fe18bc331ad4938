#include "metrics-service/store/history_reader.h"

#include <algorithm>
#include <limits>

namespace vdm::metrics {

HistoryReader::HistoryReader(
    HistoryDays days, Options options, PostToOwner post,
    std::function<void(const std::filesystem::path&, const std::string&)> damaged)
    : days_(std::move(days)),
      options_(std::move(options)),
      post_(std::move(post)),
      damaged_(std::move(damaged)) {}

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
  if (!thread_.joinable()) thread_ = std::thread([this] { work_until_closed(); });
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

void HistoryReader::restore(std::vector<Part> parts, RestoreSink into,
                            std::function<void(const std::string&)> waits) {
  run([this, parts = std::move(parts), into = std::move(into), waits = std::move(waits)] {
    for (const Part& part : parts) {
      if (!read_part(part, into, waits)) return;  // closed
    }
    post_([done = into.done] { done(); });
  });
}

/// Returns false when the reader was closed.
bool HistoryReader::read_part(const Part& part, const RestoreSink& into,
                              const std::function<void(const std::string&)>& waits) {
  std::int64_t after = part.after;
  for (;;) {
    std::vector<LiveEventPtr> rows;
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
                                .watermark = {}});
    if (closed) return false;
    if (!rows.empty()) post_rows(std::move(rows), into);
    if (read) {
      waits("");
      return true;
    }
    if (read.error().damaged()) {
      damaged_(part.path, read.error().message);
      return true;
    }
    waits(part.path.filename().string() + ": " + read.error().message);
    if (ends_within(options_.retry_after)) return false;
  }
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
  if (!thread_.joinable()) thread_ = std::thread([this] { work_until_closed(); });
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
