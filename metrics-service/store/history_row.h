#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics-service/store/history_schema.h"
#include "metrics-service/store/sqlite.h"
#include "proto/contract/event.h"

namespace vdm::metrics {

/// The values of a row's columns, written and read in the order of history_columns(). A text that
/// is bound must outlive the statement's step. Thread: one at a time.

inline std::int64_t micros(WallTime time) { return time.time_since_epoch().count(); }

void bind_nothing(sqlite::Statement& to, std::span<const HistoryColumn> columns);
void bind_facts(sqlite::Statement& to, const RequestFacts& facts);
/// `attempts`: what attempts_text() made.
void bind_ended(sqlite::Statement& to, const Ended& ended, std::string_view attempts);
std::string attempts_text(const std::vector<Attempt>& attempts);

FactsPtr read_facts(sqlite::Statement& from);
Ended read_ended(sqlite::Statement& from, FactsPtr facts);

}  // namespace vdm::metrics
