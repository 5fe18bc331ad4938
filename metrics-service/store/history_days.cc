#include "metrics-service/store/history_days.h"

#include <algorithm>
#include <system_error>

#include <absl/time/time.h>

namespace vdm::metrics {
namespace {

constexpr std::string_view NamePrefix = "history-";
constexpr std::string_view NameSuffix = ".sqlite";
constexpr std::size_t DayLength = 10;
constexpr std::string_view BadMark = ".bad-";
constexpr std::string_view SavedMark = ".saved";
/// What SQLite keeps beside a file.
constexpr const char* Parts[] = {"", "-wal", "-shm", "-journal"};

bool parse_day(const std::string& day, absl::Time& midnight) {
  std::string fault;
  return day.size() == DayLength && absl::ParseTime("%Y-%m-%d", day, &midnight, &fault);
}

}  // namespace

std::string HistoryDays::day_of(SystemTime time) {
  return absl::FormatTime("%Y-%m-%d", absl::FromChrono(time), absl::UTCTimeZone());
}

std::string HistoryDays::day_in(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (!name.starts_with(NamePrefix) || !name.ends_with(NameSuffix)) return "";
  const std::string between =
      name.substr(NamePrefix.size(), name.size() - NamePrefix.size() - NameSuffix.size());
  const std::string day = between.substr(0, DayLength);
  const std::string nth = between.substr(day.size());
  const bool is_numbered = nth.size() == 2 && nth[0] == '.' && nth[1] >= '2' && nth[1] <= '9';
  absl::Time midnight;
  return (nth.empty() || is_numbered) && parse_day(day, midnight) ? day : "";
}

std::string HistoryDays::days_before(const std::string& day, int days) {
  absl::Time midnight;
  if (!parse_day(day, midnight)) return "";
  return absl::FormatTime("%Y-%m-%d", midnight - absl::Hours(24) * days, absl::UTCTimeZone());
}

std::filesystem::path HistoryDays::path_of(std::string_view day, int nth) const {
  std::string name(NamePrefix);
  name.append(day);
  if (nth > 1) name += "." + std::to_string(nth);
  return directory_ / name.append(NameSuffix);
}

std::vector<std::filesystem::path> HistoryDays::all() const {
  std::error_code ignored;
  return all(ignored);
}

std::vector<std::filesystem::path> HistoryDays::all(std::error_code& fault) const {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, fault)) {
    if (!day_in(entry.path()).empty()) found.push_back(entry.path());
  }
  std::ranges::sort(found, {}, [](const std::filesystem::path& path) {
    return std::pair(day_in(path), path.filename().string().size());
  });
  return found;
}

std::vector<std::filesystem::path> HistoryDays::set_aside_before() const {
  std::vector<std::filesystem::path> found;
  std::error_code fault;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, fault)) {
    const std::string name = entry.path().filename().string();
    const auto bad = name.find(BadMark);
    const bool is_part =
        name.ends_with("-wal") || name.ends_with("-shm") || name.ends_with("-journal");
    if (bad == std::string::npos || is_part) continue;
    if (!day_in(name.substr(0, bad)).empty()) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::filesystem::path HistoryDays::saved_path(const std::filesystem::path& path) {
  return path.string() + std::string(SavedMark);
}

void HistoryDays::finish_repairs() const {
  std::vector<std::filesystem::path> found;
  std::error_code fault;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, fault)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(SavedMark)) found.push_back(entry.path());
  }
  for (const std::filesystem::path& saved : found) {
    const std::string name = saved.string();
    const std::string path = name.substr(0, name.size() - SavedMark.size());
    // The damaged file is moved away only when all that is whole of it is in the new one.
    if (!std::filesystem::exists(path, fault)) std::filesystem::rename(saved, path, fault);
    remove(saved);
  }
}

void HistoryDays::remove(const std::filesystem::path& path) {
  for (const char* part : Parts) {
    std::error_code ignored;
    std::filesystem::remove(path.string() + part, ignored);
  }
}

std::filesystem::path HistoryDays::set_aside(const std::filesystem::path& path, SystemTime now) {
  const std::string stamp =
      absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromChrono(now), absl::UTCTimeZone());
  const std::string name = path.string() + std::string(BadMark) + stamp;
  std::string aside = name;
  for (int i = 2; std::filesystem::exists(aside); ++i) aside = name + "-" + std::to_string(i);
  for (const char* part : Parts) {
    std::error_code ignored;
    std::filesystem::rename(path.string() + part, aside + part, ignored);
  }
  return aside;
}

}  // namespace vdm::metrics
