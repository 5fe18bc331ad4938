#include "common/base/log.h"

#include <algorithm>
#include <cctype>
#include <memory>

#include <absl/strings/ascii.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace vdm::log {
namespace {

constexpr std::size_t ValueBytesMax = 512;

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::Debug:
      return spdlog::level::debug;
    case Level::Info:
      return spdlog::level::info;
    case Level::Warning:
      return spdlog::level::warn;
    case Level::Error:
      return spdlog::level::err;
  }
  std::abort();  // every level is listed above
}

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made =
        std::make_shared<spdlog::logger>("vdm", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %n %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

bool needs_quotes(std::string_view text) {
  return text.empty() || std::ranges::any_of(text, [](unsigned char c) {
           return c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f;
         });
}

void append_value(std::string& line, std::string_view value) {
  value = value.substr(0, ValueBytesMax);
  if (!needs_quotes(value)) {
    line.append(value);
    return;
  }
  constexpr std::string_view Hex = "0123456789abcdef";
  line.push_back('"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      line.append("\\x").push_back(Hex[byte >> 4]);
      line.push_back(Hex[byte & 0x0f]);
    } else {
      line.push_back(c);
    }
  }
  line.push_back('"');
}

}  // namespace

Result<Level> parse_level(std::string_view key, std::string_view text) {
  const std::string upper = absl::AsciiStrToUpper(std::string(text));
  if (upper == "DEBUG") return Level::Debug;
  if (upper == "INFO") return Level::Info;
  if (upper == "WARNING" || upper == "WARN") return Level::Warning;
  if (upper == "ERROR" || upper == "CRITICAL") return Level::Error;
  return Error{ErrorKind::InvalidRequest, std::string(key) +
                                              ": expected DEBUG, INFO, WARNING or ERROR, got '" +
                                              std::string(text.substr(0, 80)) + "'"};
}

void configure(Level least, std::string_view program) {
  logger().set_level(to_spdlog(least));
  logger().set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l " + std::string(program) + " %v",
                       spdlog::pattern_time_type::utc);
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!logger().should_log(to_spdlog(level))) return;
  std::string line(event);
  for (const Field& field : fields) {
    line.append(" ").append(field.name).append("=");
    append_value(line, field.value);
  }
  logger().log(to_spdlog(level), spdlog::string_view_t(line));
}

}  // namespace vdm::log
