#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "common/audit/audit_lines.h"
#include "common/base/clock.h"

namespace vdm {

struct AuditLogOptions {
  std::filesystem::path file;
  std::size_t bytes_max = 8 * 1024 * 1024;  ///< then the file becomes "….1"
};

/// A file of who did what, one JSON line each; README.md says what. It is written on a thread of
/// its own. `clock` must outlive it. Thread: any.
class AuditLog {
 public:
  AuditLog(AuditLogOptions options, const Clock& clock);
  /// Writes what waits.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  /// What was done.
  void done(AuditEntry entry) { add(std::move(entry), AuditLines::Kind::Deed); }
  /// What was refused.
  void refused(AuditEntry entry) { add(std::move(entry), AuditLines::Kind::Refusal); }

 private:
  void add(AuditEntry entry, AuditLines::Kind kind);
  void run(const std::stop_token& stopped);
  void write(const std::vector<std::string>& lines);
  void turn();

  const AuditLogOptions options_;
  const Clock& clock_;
  std::string last_fault_;  ///< as last logged; the thread's
  std::mutex mutex_;
  std::condition_variable_any wake_;
  AuditLines lines_;
  std::jthread thread_;  ///< last: it uses what is above
};

}  // namespace vdm
