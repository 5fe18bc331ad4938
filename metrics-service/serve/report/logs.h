#pragma once

#include <optional>
#include <string>
#include <variant>

#include "common/http/reply_writer.h"
#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// The recent errors and traces in the logs endpoint's format. Pure.

struct LogsQuery {
  std::size_t limit_errors = 100;
  std::size_t limit_traces = 200;
  std::uint64_t after = 0;                    ///< sequence number among traces
  std::optional<std::uint64_t> after_errors;  ///< sequence number among errors
  std::optional<Outcome> outcome;             ///< only requests that ended so
  std::optional<std::string> client_label{};  ///< only requests of that client
};

/// The query, or the 422 answer that says what is wrong with it.
std::variant<LogsQuery, http::Reply> parse_logs_query(const http::Request& request);

std::string logs_json(const Tracker& tracker, const LogsQuery& query);
/// The answer when metrics are switched off.
std::string no_logs_json();

/// The 422 answer for a query parameter that cannot be used, in the format of the compatible
/// endpoints.
http::Reply unprocessable(std::string_view parameter, std::string_view message,
                          std::string_view input);

/// "20261122-181530", for use in a file's name.
std::string file_stamp(WallTime time);

}  // namespace vdm::metrics
