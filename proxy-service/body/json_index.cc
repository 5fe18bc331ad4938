#include "proxy-service/body/json_index.h"

#include <algorithm>
#include <bit>
#include <new>

#include <simdjson.h>

namespace vdm::proxy {
namespace {

// What is used below of simdjson::internal may change with any version. With another one: run
// the tests and the fuzz targets of this room, tap and convert, and then name it here.
static_assert(simdjson::SIMDJSON_VERSION_MAJOR == 3 && simdjson::SIMDJSON_VERSION_MINOR == 0,
              "JsonIndexer was not tried with this version of simdjson: see json_index.cc");

constexpr std::size_t SmallestCapacity = 4 * 1024;
/// An index takes four bytes for each byte of text; memory for longer texts than this is freed.
constexpr std::size_t KeptCapacityMax = 1024 * 1024;

}  // namespace

/// simdjson's parser, which can be had without its second stage.
struct JsonIndexer::Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
};

// Which instructions the machine has is found out by the first who asks, who must have memory for
// it: not a request.
JsonIndexer::JsonIndexer() { (void)simdjson::get_active_implementation()->name(); }
JsonIndexer::~JsonIndexer() = default;
JsonIndexer::JsonIndexer(JsonIndexer&&) noexcept = default;
JsonIndexer& JsonIndexer::operator=(JsonIndexer&&) noexcept = default;

std::span<const std::uint32_t> JsonIndexer::index(std::string_view text) {
  if (!parser_) parser_ = std::make_unique<Parser>();
  auto& stages = parser_->stages;
  const bool too_large =
      stages && stages->capacity() > KeptCapacityMax && text.size() <= KeptCapacityMax;
  if (!stages || too_large || stages->capacity() < text.size()) {
    const std::size_t capacity = std::bit_ceil(std::max(text.size(), SmallestCapacity));
    // The second stage is not run, so its depth is of no interest.
    const auto fault = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, 1, stages);
    if (fault != simdjson::SUCCESS) {
      stages.reset();
      // A text that there is no memory for is not a malformed one.
      if (fault == simdjson::MEMALLOC) throw std::bad_alloc();
      return {};
    }
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (stages->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) return {};
  return {stages->structural_indexes.get(), stages->n_structural_indexes};
}

}  // namespace vdm::proxy
