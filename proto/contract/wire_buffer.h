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

/// Room for bytes in protobuf's wire format, kept from message to message. A
/// message inside another is written once, without knowing its size: its length is
/// a varint of fixed width, filled in afterwards, which every reader takes. What is too long for
/// its length is left out, and with it what it stands in: a wrong length would take the bytes
/// behind it for its own.
/// Thread: its owner's.
class WireBuffer {
 public:
  /// The width of a message's length in bytes, enough for 2 MiB or 256 MiB.
  enum class Length : std::size_t { Of2MiB = 3, Of256MiB = 4 };

  void clear() {
    size_ = 0;
    left_out_ = false;
  }
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
  /// Something did not fit its length; since clear().
  bool left_out() const { return left_out_; }
  /// `write` writes the message's fields. False: it, or something in it, is too long, and
  /// nothing has been written.
  template <class Write>
  bool message(std::uint32_t field, Length width, Write&& write) {
    const auto bytes = static_cast<std::size_t>(width);
    make_room(VarintMax + bytes);
    const std::size_t before = size_;
    put_varint(field << 3 | Delimited);
    const std::size_t at = size_;
    size_ += bytes;
    write();
    std::size_t length = size_ - at - bytes;
    if (length >> (7 * bytes) != 0) left_out_ = true;
    if (left_out_) {
      size_ = before;
      return false;
    }
    for (std::size_t i = 0; i < bytes; ++i, length >>= 7) {
      const bool last = i + 1 == bytes;
      bytes_.get()[at + i] = static_cast<char>((length & 0x7f) | (last ? 0 : 0x80));
    }
    return true;
  }

 private:
  static constexpr std::size_t VarintMax = 10;
  static constexpr std::uint32_t Delimited = 2;

  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  void make_room(std::size_t wanted) {
    if (capacity_ - size_ < wanted) [[unlikely]]
      grow(wanted);
  }
  [[gnu::noinline]] void grow(std::size_t wanted) {
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
  bool left_out_ = false;
};

}  // namespace vdm
