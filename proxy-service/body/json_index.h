#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace vdm::proxy {

/// simdjson's first stage, alone: where the structure of a JSON text is. Strings
/// are known to be closed, free of control characters, and the whole to be UTF-8;
/// the grammar is left to who walks the index. Keeps its memory from text to
/// text, but not that of an unusually large one. The one place that knows simdjson, whose
/// first stage is not part of what it promises. Thread: its owner's.
class JsonIndexer {
 public:
  JsonIndexer();
  ~JsonIndexer();
  JsonIndexer(JsonIndexer&&) noexcept;
  JsonIndexer& operator=(JsonIndexer&&) noexcept;

  /// Offsets of every { } [ ] : , and of the first byte of every string, number
  /// and word, in order. Empty when the text is not JSON (or empty). Valid until
  /// the next call. The text needs no padding.
  std::span<const std::uint32_t> index(std::string_view text);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace vdm::proxy
