#include "metrics-service/cli/events/views.h"

#include <chrono>

#include <absl/time/time.h>

#include "metrics-service/cli/events/json_text.h"

namespace vdm::cli {
namespace {

namespace v1 = metrics::v1;

std::string time_text(std::int64_t unix_us) {
  if (unix_us == 0) return "-";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(unix_us), absl::UTCTimeZone());
}

std::string estimated(std::uint64_t count, bool is_estimate) {
  return (is_estimate ? "~" : "") + count_text(count);
}

/// The model that is asked for, with what is out of the ordinary behind it.
std::string model_text(const v1::ActiveRequestView& row) {
  const v1::RequestFacts& facts = row.facts();
  std::string text =
      facts.resolved_model().empty() ? facts.requested_model() : facts.resolved_model();
  const auto note = [&](const std::string& what) {
    if (!what.empty()) text.append(" [").append(what).append("]");
  };
  note(facts.kind());
  if (facts.credential() == v1::CREDENTIAL_SUBSCRIPTION) note("subscription");
  const std::string& other = row.progress().other_model();
  if (!other.empty()) note("answered by " + other);
  return text;
}

std::vector<std::string> totals_cells(const std::string& provider, const std::string& model,
                                      const v1::Counters& counters, std::uint32_t active,
                                      const std::string& last) {
  const std::uint64_t average =
      counters.duration_count() == 0 ? 0 : counters.duration_us_sum() / counters.duration_count();
  return {provider,
          model,
          count_text(counters.requests()),
          count_text(counters.errors()),
          count_text(counters.cancelled()),
          count_text(counters.lost()),
          count_text(active),
          count_text(counters.input_tokens()),
          count_text(counters.output_tokens()),
          count_text(counters.cache_read_tokens()),
          count_text(counters.cache_creation_tokens()),
          count_text(counters.tool_calls()),
          count_text(counters.model_mismatches()),
          counters.duration_count() == 0 ? "-" : duration_text(average),
          last};
}

}  // namespace

std::string active_text(const v1::GetActiveRequestsReply& reply, Colour colour) {
  Table table({{"AGE", Align::Right},
               {"PHASE"},
               {"PROVIDER"},
               {"MODEL"},
               {"PROXY"},
               {"IN", Align::Right},
               {"OUT", Align::Right},
               {"TOK/S", Align::Right},
               {"TTFT", Align::Right},
               {"IDLE", Align::Right},
               {"REQUEST"}});
  for (const v1::ActiveRequestView& row : reply.active()) {
    const v1::RequestFacts& facts = row.facts();
    const v1::RequestProgressed& progress = row.progress();
    const v1::Usage& usage = progress.usage();
    const std::string phase = short_name("Phase", v1::Phase_Name(progress.phase()));
    table.add({duration_text(row.duration_us()),
               row.stale()          ? "stale"
               : row.has_progress() ? phase
                                    : "started",
               or_dash(facts.provider()), model_text(row), row.proxy(),
               estimated(usage.input_tokens(), usage.input_estimated()),
               estimated(usage.output_tokens(), usage.output_estimated()),
               rate_text(row.tokens_per_second()),
               progress.has_ttft_us() ? duration_text(progress.ttft_us()) : "-",
               row.has_progress() ? duration_text(progress.since_last_byte_us()) : "-",
               facts.request_id()});
  }
  std::string text = table.text(colour);
  const auto shown = static_cast<std::uint32_t>(reply.active_size());
  if (shown < reply.total()) {
    text.append("and ").append(count_text(reply.total() - shown)).append(" more\n");
  }
  return text;
}

std::string totals_text(const v1::GetRunningTotalsReply& reply, Colour colour) {
  Table table({{"PROVIDER"},
               {"MODEL"},
               {"REQUESTS", Align::Right},
               {"ERRORS", Align::Right},
               {"CANCELLED", Align::Right},
               {"LOST", Align::Right},
               {"ACTIVE", Align::Right},
               {"INPUT", Align::Right},
               {"OUTPUT", Align::Right},
               {"CACHE READ", Align::Right},
               {"CACHE WRITE", Align::Right},
               {"TOOL CALLS", Align::Right},
               {"MISMATCHED", Align::Right},
               {"AVERAGE", Align::Right},
               {"LAST"}});
  for (const v1::TotalsRow& row : reply.rows()) {
    table.add(totals_cells(row.provider(), row.model().empty() ? "(all)" : row.model(), row.total(),
                           row.active(), time_text(row.last_accessed_unix_us())));
  }
  table.add(totals_cells("total", "", reply.summary(), reply.active(), ""));
  return table.text(colour);
}

std::string status_text(const v1::GetStatusReply& reply, const std::string& address,
                        Colour colour) {
  std::string text = "vdm-metrics " + printable(reply.version()) + " at " + address + ": " +
                     (reply.degraded().empty() ? "healthy" : "degraded") + "\n";
  for (const std::string& why : reply.degraded()) text += "  " + printable(why) + "\n";
  text += "requests: " + count_text(reply.active()) + " running, " + count_text(reply.started()) +
          " started, " + count_text(reply.ended()) + " ended, " + count_text(reply.lost()) +
          " lost\n";
  text += "readers: subscribers " + std::to_string(reply.subscribers()) + ", dashboards " +
          std::to_string(reply.live_readers()) + "\n";
  text += "since " + time_text(reply.started_unix_us()) + ", cursor " + printable(reply.cursor()) +
          "\n\n";

  Table table({{"PROXY"},
               {"STATE"},
               {"VERSION"},
               {"ACTIVE", Align::Right},
               {"STARTED", Align::Right},
               {"ENDED", Align::Right},
               {"LOST", Align::Right},
               {"GAPS", Align::Right},
               {"UNDECLARED", Align::Right},
               {"BUFFERED", Align::Right},
               {"UNLISTED", Align::Right},
               {"LAST SEEN"}});
  for (const v1::ProxyView& proxy : reply.proxies()) {
    table.add({proxy.proxy(), short_name("ProxyState", v1::ProxyState_Name(proxy.state())),
               or_dash(proxy.version()), count_text(proxy.active()), count_text(proxy.started()),
               count_text(proxy.ended()), count_text(proxy.lost()), count_text(proxy.gap_ended()),
               count_text(proxy.undeclared_gaps()), count_text(proxy.buffered_bytes()),
               count_text(proxy.rejections_unlisted()), time_text(proxy.last_seen_unix_us())});
  }
  return text + (reply.proxies().empty() ? "no proxy has connected yet\n" : table.text(colour));
}

}  // namespace vdm::cli
