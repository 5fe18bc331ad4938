#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace vdm::log {

enum class Level { Debug, Info, Warning, Error };

/// One member of a log line. A value often comes from outside, so write() keeps it on one line,
/// quotes it where needed, escapes control characters and cuts it at 512 bytes.
struct Field {
  std::string_view name;
  std::string value;
};

/// "DEBUG", "INFO", "WARNING", "ERROR" in any case.
Result<Level> parse_level(std::string_view key, std::string_view text);

/// Sets the least level and the program's name for all later lines. main() calls it once.
void configure(Level least, std::string_view program);

/// One structured line to standard error, in one write:
///   2026-11-22T10:00:00.000Z INFO vdm-proxy listening address=127.0.0.1:8082
/// Thread: any. Never called in pure rooms; never given a key or a prompt.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Info, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Warning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Error, event, fields);
}

}  // namespace vdm::log
