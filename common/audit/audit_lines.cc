#include "common/audit/audit_lines.h"

#include <utility>

#include <absl/time/time.h>

#include "common/base/json_writer.h"

namespace vdm {
namespace {

constexpr std::size_t TextMax = 256;

std::string_view cut(std::string_view text) { return text.substr(0, TextMax); }

}  // namespace

std::string audit_line(const AuditEntry& entry, SystemTime at, std::uint64_t count) {
  JsonWriter line;
  line.begin_object()
      .member("time",
              absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromChrono(at), absl::UTCTimeZone()))
      .member("actor", cut(entry.actor.empty() ? entry.shown : entry.actor))
      .member("address", entry.address.known() ? text_of(entry.address) : "")
      .member("action", entry.action)
      .member("target", cut(entry.target))
      .member("outcome", cut(entry.outcome));
  if (count > 1) line.member("count", count);
  line.end_object();
  return line.take() + "\n";
}

void AuditLines::put(std::string line) {
  if (lines_.size() < LinesMax) {
    lines_.push_back(std::move(line));
  } else {
    ++left_out_;
  }
}

void AuditLines::add(AuditEntry entry, Kind kind, SystemTime at, MonotonicTime now) {
  if (kind == Kind::Deed) return put(audit_line(entry, at, 1));
  Alike alike{entry.actor, entry.address.network(), entry.action,
              entry.actor.empty() ? "" : std::string(cut(entry.target)), entry.outcome};
  if (refusals_.size() >= KindsMax && !refusals_.contains(alike)) {
    // Too many to be told apart: what they have in common is what was tried.
    entry = {.action = entry.action, .outcome = entry.outcome};
    alike = {"", {}, entry.action, "", entry.outcome};
  }
  const auto [found, is_new] = refusals_.try_emplace(std::move(alike));
  Count& count = found->second;
  if (is_new) {
    count.since = now;
    put(audit_line(entry, at, 1));
  } else {
    ++count.more;
  }
  count.last = std::move(entry);
}

std::vector<std::string> AuditLines::take(SystemTime at, MonotonicTime now, Counts which) {
  std::erase_if(refusals_, [&](const auto& each) {
    const Count& count = each.second;
    if (which == Counts::Due && now - count.since < Window) return false;
    if (count.more > 0) put(audit_line(count.last, at, count.more));
    return true;
  });
  if (left_out_ > 0) {
    const AuditEntry left_out{.action = "audit", .outcome = "lines left out"};
    lines_.push_back(audit_line(left_out, at, std::exchange(left_out_, 0)));
  }
  return std::exchange(lines_, {});
}

}  // namespace vdm
