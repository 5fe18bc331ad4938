#include "metrics-service/store/checkpoint_files.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <absl/strings/str_format.h>

#include "common/base/digest.h"
#include "metrics-service/archive/archive.h"
#include "metrics-service/store/durable_file.h"
#include "proto/contract/wire_buffer.h"

namespace vdm::metrics {
namespace {

namespace files = std::filesystem;

constexpr std::string_view NameStart = "checkpoint-";
constexpr std::size_t NameDigits = 16;
constexpr std::size_t Kept = 2;
/// A file begins with this and its format; a hash of all that follows ends the line.
constexpr std::string_view CheckpointKind = "vdm-checkpoint ";
constexpr int Format = 1;
constexpr std::size_t BytesMax = std::size_t{512} * 1024 * 1024;
constexpr std::size_t HashDigits = 64;

}  // namespace

template <>
struct Fields<Checkpoint::Place> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.file);
    archive(2, self.last_id);
  }
};

template <>
struct Fields<Checkpoint> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.revision);
    archive(2, self.places);
    archive(3, self.state);
  }
};

namespace {

std::string text_of(const Checkpoint& checkpoint) {
  WireBuffer body;
  StateWriter writer(body, MonotonicTime{});
  Fields<Checkpoint>::list(checkpoint, writer);
  std::string text = absl::StrFormat("%s%d %s\n", std::string(CheckpointKind), Format,
                                     hex_prefix(sha256(body.bytes()), HashDigits));
  return text.append(body.bytes());
}

Result<Checkpoint> checkpoint_of(std::string_view text) {
  const auto damaged = [](const char* why) { return Error{ErrorKind::Internal, why}; };
  const auto line = text.find('\n');
  if (line == std::string_view::npos || !text.starts_with(CheckpointKind))
    return damaged("not a checkpoint");
  const std::string_view head = text.substr(CheckpointKind.size(), line - CheckpointKind.size());
  int format = 0;
  const auto [end, fault] = std::from_chars(head.data(), head.data() + head.size(), format);
  if (fault != std::errc{}) return damaged("not a checkpoint");
  if (format > Format) return damaged("of a newer format");
  const std::string_view said(end, static_cast<std::size_t>(head.data() + head.size() - end));
  const std::string_view body = text.substr(line + 1);
  if (said.substr(std::min<std::size_t>(1, said.size())) != hex_prefix(sha256(body), HashDigits)) {
    return damaged("damaged");
  }
  Checkpoint checkpoint;
  StateReader reader(body, MonotonicTime{});
  Fields<Checkpoint>::list(checkpoint, reader);
  if (!reader.ok()) return damaged("damaged");
  return checkpoint;
}

}  // namespace

std::vector<std::pair<std::uint64_t, files::path>> CheckpointFiles::all() const {
  std::vector<std::pair<std::uint64_t, files::path>> found;
  std::error_code fault;
  for (const auto& entry : files::directory_iterator(directory_, fault)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(NameStart) || name.size() != NameStart.size() + NameDigits) continue;
    std::uint64_t revision = 0;
    const char* const digits_end = name.data() + name.size();
    const auto [end, wrong] =
        std::from_chars(name.data() + NameStart.size(), digits_end, revision, 16);
    if (wrong == std::errc{} && end == digits_end) found.emplace_back(revision, entry.path());
  }
  std::ranges::sort(found, std::greater<>{});
  return found;
}

std::optional<Checkpoint> CheckpointFiles::newest(
    std::uint64_t below_revision,
    const std::function<void(const std::string&, const std::string&)>& left_out) const {
  for (const auto& [revision, path] : all()) {
    if (revision >= below_revision) continue;
    auto read = checkpoint_of(read_whole(path, BytesMax));
    if (read && read->revision == revision) return std::move(*read);
    left_out(path.filename().string(), read ? "not the one of its name" : read.error().message);
  }
  return std::nullopt;
}

Result<void> CheckpointFiles::write(const Checkpoint& checkpoint) const {
  const std::string name = absl::StrFormat("%s%016x", std::string(NameStart), checkpoint.revision);
  if (const auto written = write_durably(directory_ / name, text_of(checkpoint)); !written) {
    return written;
  }
  const auto found = all();
  for (std::size_t i = Kept; i < found.size(); ++i) {
    std::error_code ignored;
    files::remove(found[i].second, ignored);
  }
  return {};
}

}  // namespace vdm::metrics
