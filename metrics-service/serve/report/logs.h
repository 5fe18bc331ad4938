#pragma once

#include <optional>
#include <string>
#include <variant>

#include "common/http/reply_writer.h"
#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// The recent errors and traces, as the logs endpoint answers them. Pure.

struct LogsQuery {
  std::size_t limit_errors = 100;
  std::size_t limit_traces = 200;
  std::uint64_t after = 0;                    ///< sequence among traces
  std::optional<std::uint64_t> after_errors;  ///< sequence among errors
};

/// The query, or the 422 that says what is wrong with it.
std::variant<LogsQuery, http::Reply> parse_logs_query(const http::Request& request);

std::string logs_json(const Tracker& tracker, const LogsQuery& query);
/// The same when metrics are switched off.
std::string no_logs_json();

/// A query parameter that cannot be used: 422, in the shape that clients of the compatible
/// endpoints know.
http::Reply unprocessable(std::string_view parameter, std::string_view message,
                          std::string_view input);

/// "20261122-181530", for a file's name.
std::string file_stamp(WallTime time);

}  // namespace vdm::metrics
