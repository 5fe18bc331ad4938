#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// Events as they stand in an EventRing: numbers of fixed width, then texts, cut a little above the
/// contract's caps. An end leaves out the facts that its start has already told, so the two
/// together take some 450 bytes. For this process, or the next one on this machine: never sent.
/// Reading trusts nothing. Pure. Thread: any.

enum class RecordKind : std::uint16_t { None, Started, Ended, Gap };

/// Whether an end says the facts itself.
enum class EndFacts : std::uint8_t { OfStart, Own };

/// What the payload of any record takes at most.
inline constexpr std::size_t PayloadBytesMax = 64 * 1024;

/// Writes a payload and returns its size, a multiple of 8. `to` has PayloadBytesMax bytes, at a
/// multiple of 8. `start` names the request: see EventRing::append().
std::size_t write_record(const RequestFacts& of_start, char* to);
std::size_t write_record(const Ended& ended, EndFacts facts, std::uint64_t start, char* to);

inline constexpr std::size_t GapPayloadBytes = 24;
void write_record(const Gap& gap, char* to);

/// What a record names without being decoded. False: it is no such payload.
struct RecordName {
  std::uint64_t start = 0;
  EndFacts facts = EndFacts::OfStart;
  std::size_t attempts = 0;
};
bool read_name(RecordKind kind, std::string_view payload, RecordName& out);

/// False: it is no such payload; `out` is then of no use. Memory of `out` is used again.
bool read_started(std::string_view payload, RequestFacts& out);
bool read_gap(std::string_view payload, Gap& out);
/// The facts of an end that says them itself.
bool read_own_facts(std::string_view payload, RequestFacts& out);
/// All but `out.facts`, which the caller has set: to those of its start, or its own.
bool read_ended(std::string_view payload, Ended& out);

}  // namespace vdm::proxy
