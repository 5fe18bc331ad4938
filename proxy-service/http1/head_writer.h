#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/http1/fields.h"

namespace vdm::http1 {

/// The name of a field that we write; the compiler checks that it is a token.
class FieldLabel {
 public:
  consteval FieldLabel(const char* name) : text_(name) {
    bool is_token = !text_.empty();
    for (const char c : text_) is_token = is_token && bytes::is_token_byte(c);
    if (!is_token) throw "a field's name is a token";
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// The one way to write a head: nothing it is given can end a line early. It leaves
/// out and counts a name, value or target with a byte that is not allowed there, so
/// that injection leads to a missing field, never to a new one. Appends to a buffer
/// that the caller keeps and reuses. Thread: its owner's.
class HeadWriter {
 public:
  explicit HeadWriter(std::string& out) : out_(out), begin_(out.size()) {}

  /// "HTTP/1.1 200 OK"; a status outside 100..599 is written as 500 and counted.
  HeadWriter& status_line(int status);
  /// "POST /v1/messages HTTP/1.1"; when method or target is refused, nothing is
  /// written and ok() is false: such a head must not be sent.
  HeadWriter& request_line(std::string_view method, std::string_view target);

  HeadWriter& field(FieldLabel name, std::string_view value);
  HeadWriter& field(FieldLabel name, std::uint64_t value);
  /// For a name that comes from a configuration or a list.
  HeadWriter& named_field(std::string_view name, std::string_view value);
  /// For foreign text that should arrive in part rather than not at all: leaves out
  /// control characters and keeps at most `bytes_max` bytes.
  HeadWriter& stripped_field(FieldLabel name, std::string_view value, std::size_t bytes_max = 256);
  /// Writes every field of `from` that is end-to-end and for which `wanted(field)` holds. They were
  /// checked when they were parsed. Lines that stand together are copied together.
  template <class Wanted>
  HeadWriter& fields(const Fields& from, Wanted wanted) {
    std::string_view lines;
    for (const Field f : from) {
      if (!wanted(f) || !from.is_end_to_end(f)) continue;
      const std::string_view line = f.line();
      if (!line.empty() && line.data() == lines.data() + lines.size()) {
        lines = {lines.data(), lines.size() + line.size()};
        continue;
      }
      out_.append(lines);
      lines = line;
      if (line.empty()) put(f.name, f.value);
    }
    out_.append(lines);
    return *this;
  }
  /// Writes the empty line that ends the head.
  void end() { out_.append(LineEnd); }

  /// Whether nothing was refused so far.
  bool ok() const { return refused_ == 0; }
  unsigned refused() const { return refused_; }
  /// What this writer has written.
  std::string_view written() const { return std::string_view(out_).substr(begin_); }

 private:
  static constexpr std::string_view LineEnd = "\r\n";

  HeadWriter& refuse();
  void put(std::string_view name, std::string_view value);

  std::string& out_;
  std::size_t begin_;
  unsigned refused_ = 0;
};

/// A chunk's size line, without an allocation: "1a2b\r\n". The chunk's payload
/// and ChunkEnd follow it.
class ChunkLine {
 public:
  explicit ChunkLine(std::uint64_t payload_bytes);
  std::string_view text() const { return {text_.data() + at_, text_.size() - at_}; }

 private:
  std::array<char, 18> text_;
  std::size_t at_;
};

inline constexpr std::string_view ChunkEnd = "\r\n";
inline constexpr std::string_view LastChunk = "0\r\n\r\n";

}  // namespace vdm::http1
