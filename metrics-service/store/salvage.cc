#include "metrics-service/store/salvage.h"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "metrics-service/store/history_file.h"

namespace vdm::metrics {
namespace {

constexpr auto Unwritten = HistoryFile::Writer::None;
constexpr std::int64_t LastId = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t RowsAtOnce = 1'000;

/// The id of the first row behind `after`; 0 when there is none, nothing when it cannot be read.
std::optional<std::int64_t> first_after(const std::string& path, std::int64_t after) {
  std::int64_t id = 0;
  const auto read = HistoryFile::read_rows(path, Unwritten, after, LastId,
                                           {.row =
                                                [&](const LiveEventPtr& row) {
                                                  id = static_cast<std::int64_t>(row->revision);
                                                  return false;
                                                },
                                            .watermark = {}});
  return read ? std::optional(id) : std::nullopt;
}

/// A place behind `after` from which rows can be read again, as early as can be found.
std::optional<std::int64_t> readable_after(const std::string& path, std::int64_t after) {
  std::int64_t step = 1;
  while (!first_after(path, after + step)) {
    if (step > (LastId - after) / 4) return std::nullopt;
    step *= 2;
  }
  std::int64_t bad = after + step / 2;
  std::int64_t good = after + step;
  while (good - bad > 1) {
    const std::int64_t middle = bad + (good - bad) / 2;
    (first_after(path, middle) ? good : bad) = middle;
  }
  return good;
}

/// Collects rows and writes them in groups.
class SavedRows {
 public:
  explicit SavedRows(HistoryFile& file) : file_(file) {}

  bool add(LiveEventPtr row) {
    if (rows_ == 0) first_ = row->applied;
    batch_.rows.push_back(std::move(row));
    ++rows_;
    return batch_.rows.size() < RowsAtOnce || write();
  }
  bool add(const StoredWatermark& mark) {
    if (!write()) return false;
    batch_.instance_id = mark.instance_id;
    batch_.proxy = mark.proxy;
    batch_.watermark = mark.seq;
    batch_.secret = mark.secret;
    return write();
  }
  void told(std::uint64_t events) { batch_.told = events; }
  bool write() {
    const LogBatch batch = std::exchange(batch_, {});
    const auto written = file_.append({&batch}, first_);
    if (!written) fault_ = written.error();
    return written.has_value();
  }

  std::uint64_t rows() const { return rows_; }
  const std::optional<sqlite::Error>& fault() const { return fault_; }

 private:
  HistoryFile& file_;
  LogBatch batch_;
  WallTime first_{};
  std::uint64_t rows_ = 0;
  std::optional<sqlite::Error> fault_;
};

}  // namespace

sqlite::Result<SavedCount> salvage(const std::string& from, const std::string& to) {
  auto file = HistoryFile::open(to);
  if (!file) return file.error();
  SavedRows saved(*file);
  for (std::int64_t after = 0;;) {
    const auto read = HistoryFile::read_rows(from, Unwritten, after, LastId,
                                             {.row =
                                                  [&](LiveEventPtr row) {
                                                    after =
                                                        static_cast<std::int64_t>(row->revision);
                                                    return saved.add(std::move(row));
                                                  },
                                              .watermark = {}});
    if (saved.fault()) return *saved.fault();
    if (read) break;
    const auto next = readable_after(from, after);
    if (!next) break;
    after = *next;
  }
  if (const auto extent = HistoryFile::extent(from, Unwritten)) saved.told(extent->told);
  bool writes = saved.write();
  (void)HistoryFile::read_watermarks(from, Unwritten,
                                     {.row = {}, .watermark = [&](const StoredWatermark& mark) {
                                        writes = writes && saved.add(mark);
                                      }});
  if (!writes) return *saved.fault();
  return SavedCount{saved.rows()};
}

}  // namespace vdm::metrics
