#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/http1/field_name.h"
#include "common/http1/refusal.h"

namespace vdm::http1 {

/// One field of a head, as views into the bytes it was parsed from.
struct Field {
  std::string_view name;
  std::string_view value;
  FieldName known = FieldName::Other;

  /// The whole line with its CRLF, if it is written as a HeadWriter writes it; else empty.
  std::string_view line() const {
    const bool plain = value.data() == name.data() + name.size() + 2 && value.data()[-1] == ' ' &&
                       value.data()[value.size()] == '\r';
    if (!plain) return {};
    return {name.data(), name.size() + value.size() + 4};
  }
};

/// How a message's body is delimited, as far as its fields say.
struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

/// The fields of one head, in order: at most 100, or fewer after limit_to(). It holds offsets, not
/// text: the caller keeps the bytes. Thread: its owner's.
class Fields {
 public:
  static constexpr std::size_t Max = 100;

  class Iterator {
   public:
    Iterator(const Fields& fields, std::size_t at) : fields_(&fields), at_(at) {}
    Field operator*() const { return (*fields_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const Fields* fields_;
    std::size_t at_;
  };

  Fields() { clear(); }

  std::size_t size() const { return size_; }
  Field operator[](std::size_t index) const;
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }

  /// The value of the first field of that name; nothing when there is none.
  std::optional<std::string_view> get(FieldName name) const;
  std::optional<std::string_view> get(std::string_view name) const;
  bool has(FieldName name) const { return first_[static_cast<std::size_t>(name)] != Absent; }

  /// Whether the field may be passed on: neither hop-by-hop nor named by `Connection`.
  bool is_end_to_end(const Field& field) const;

  bool connection_close() const { return connection_close_; }
  bool connection_keep_alive() const { return connection_keep_alive_; }

  // For the head parsers.

  void clear();
  /// From now on accepts no more than `most` fields (at most Max).
  void limit_to(std::size_t most);
  /// Sets where the bytes begin; they may move between calls, but never change.
  void set_base(const char* base) { base_ = base; }
  const char* base() const { return base_; }
  enum class From { Client, Provider };
  /// Takes one line without its CRLF; `line` lies within the bytes at base(), and the CRLF follows
  /// it.
  bool add(std::string_view line, From from, MessageRefusal& why);
  /// Sets `framing` from Content-Length or Transfer-Encoding. Refuses both together, and a value
  /// that is not exact.
  bool framing(Framing& framing, int minor_version, MessageRefusal& why) const;

 private:
  static constexpr std::uint8_t Absent = 0xff;

  struct Entry {
    std::uint16_t name_at;
    std::uint16_t name_size;
    std::uint16_t value_at;
    std::uint16_t value_size;
    FieldName known;
  };

  bool note_known(FieldName known, std::string_view value, From from, MessageRefusal& why);
  void note_connection(std::string_view value);
  bool is_named_by_connection(std::string_view name) const;

  const char* base_ = nullptr;
  std::uint8_t size_ = 0;
  std::uint8_t size_max_ = Max;
  bool connection_close_ = false;
  bool connection_keep_alive_ = false;
  bool connection_names_fields_ = false;
  std::array<std::uint8_t, FieldNameCount> first_;
  std::array<Entry, Max> entries_;
};

}  // namespace vdm::http1
