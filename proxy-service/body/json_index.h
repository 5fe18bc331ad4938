#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace vdm::proxy {

/// simdjson's first stage alone: it finds where the structure of a JSON text is. It checks that
/// strings are closed and free of control characters, and that the text is UTF-8; whoever walks the
/// index checks the grammar. It keeps its memory for the next text unless a text was unusually
/// large. Thread: its owner's.
class JsonIndexer {
 public:
  JsonIndexer();
  ~JsonIndexer();
  JsonIndexer(JsonIndexer&&) noexcept;
  JsonIndexer& operator=(JsonIndexer&&) noexcept;

  /// Offsets of every { } [ ] : , and of the first byte of every string, number and word, in order.
  /// Empty when the text is empty or not JSON. Valid until the next call. The text needs no
  /// padding.
  std::span<const std::uint32_t> index(std::string_view text) noexcept;

 private:
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
};

}  // namespace vdm::proxy
