#include "metrics-service/store/history_store.h"

#include <utility>

#include "common/base/digest.h"

namespace vdm::metrics {

HistoryStart HistoryStore::open() { return {.block = {.epoch = random_hex(6)}}; }

std::optional<Checkpoint> HistoryStore::checkpoint(std::uint64_t) { return std::nullopt; }

std::vector<StoredWatermark> HistoryStore::watermarks(const Checkpoint*) { return {}; }

void HistoryStore::stored_before(std::string_view, std::uint64_t) {}

void HistoryStore::restore(const Checkpoint*, RestoreSink into) { into.done(); }

void HistoryStore::keep(Checkpoint) {}

void HistoryStore::reserve(PositionBlock, std::function<void()>) {}

bool HistoryStore::is_kept() const { return false; }

void HistoryStore::read(std::uint64_t, std::uint64_t last,
                        std::function<void(HistoryPage)> on_page) {
  on_page({.rows = {}, .up_to = last});
}

}  // namespace vdm::metrics
