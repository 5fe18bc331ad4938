#include "proxy-service/body/json_index.h"

#include <algorithm>
#include <bit>

#include <simdjson.h>

namespace vdm::proxy {
namespace {

constexpr std::size_t SmallestCapacity = 4 * 1024;
/// An index takes four bytes for each byte of text; memory for longer texts than this is freed.
constexpr std::size_t KeptCapacityMax = 1024 * 1024;

}  // namespace

JsonIndexer::JsonIndexer() = default;
JsonIndexer::~JsonIndexer() = default;
JsonIndexer::JsonIndexer(JsonIndexer&&) noexcept = default;
JsonIndexer& JsonIndexer::operator=(JsonIndexer&&) noexcept = default;

std::span<const std::uint32_t> JsonIndexer::index(std::string_view text) noexcept {
  const bool too_large =
      parser_ && parser_->capacity() > KeptCapacityMax && text.size() <= KeptCapacityMax;
  if (!parser_ || too_large || parser_->capacity() < text.size()) {
    const std::size_t capacity = std::bit_ceil(std::max(text.size(), SmallestCapacity));
    // The second stage never runs, so any depth does.
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1,
                                                                                parser_)) {
      parser_.reset();
      return {};
    }
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (parser_->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) return {};
  return {parser_->structural_indexes.get(), parser_->n_structural_indexes};
}

}  // namespace vdm::proxy
