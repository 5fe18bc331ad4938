#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace vdm {

/// A buffer for protobuf's wire format, which keeps its memory from message to message. It writes
/// an inner message without knowing its size first: it reserves a length of fixed width and fills
/// it in afterwards, and every reader accepts such a varint. Thread: its owner's.
class WireBuffer {
 public:
  /// The width of a message's length in bytes, enough for 2 MiB or 256 MiB.
  enum class Length : std::size_t { Of2MiB = 3, Of256MiB = 4 };

  void clear() { size_ = 0; }
  std::string_view bytes() const { return {bytes_.get(), size_}; }

  void varint(std::uint32_t field, std::uint64_t value) {
    if (value == 0) return;  // readers take an absent field as zero
    present_varint(field, value);
  }
  /// Also writes zero, for an optional field, in which zero differs from absent.
  void present_varint(std::uint32_t field, std::uint64_t value) {
    make_room(2 * VarintMax);
    put_varint(field << 3);
    put_varint(value);
  }
  void text(std::uint32_t field, std::string_view text) {
    if (text.empty()) return;
    make_room(2 * VarintMax + text.size());
    put_varint(field << 3 | Delimited);
    put_varint(text.size());
    std::memcpy(bytes_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }
  std::size_t size() const { return size_; }
  /// Appends a copy of the bytes at [begin, begin + size).
  void repeat(std::size_t begin, std::size_t size) {
    make_room(size);
    std::memcpy(bytes_.get() + size_, bytes_.get() + begin, size);
    size_ += size;
  }
  /// Appends an inner message, whose fields `write` writes.
  template <class Write>
  void message(std::uint32_t field, Length width, Write&& write) {
    const auto bytes = static_cast<std::size_t>(width);
    make_room(VarintMax + bytes);
    put_varint(field << 3 | Delimited);
    const std::size_t at = size_;
    size_ += bytes;
    write();
    std::size_t length = size_ - at - bytes;
    for (std::size_t i = 0; i < bytes; ++i, length >>= 7) {
      const bool last = i + 1 == bytes;
      bytes_.get()[at + i] = static_cast<char>((length & 0x7f) | (last ? 0 : 0x80));
    }
  }

 private:
  static constexpr std::size_t VarintMax = 10;
  static constexpr std::uint32_t Delimited = 2;

  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  void make_room(std::size_t wanted) {
    if (capacity_ - size_ >= wanted) return;
    const std::size_t larger = std::bit_ceil(size_ + wanted + 4096);
    auto* const bytes = static_cast<char*>(std::realloc(bytes_.get(), larger));
    if (bytes == nullptr) throw std::bad_alloc();
    (void)bytes_.release();
    bytes_.reset(bytes);
    capacity_ = larger;
  }
  void put_varint(std::uint64_t value) {
    char* to = bytes_.get() + size_;
    while (value >= 0x80) {
      *to++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *to++ = static_cast<char>(value);
    size_ = static_cast<std::size_t>(to - bytes_.get());
  }

  std::unique_ptr<char[], Free> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace vdm
