#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "proto/contract/wire_buffer.h"

namespace vdm::metrics {

/// The fields of a type, each with its number, in ascending order: `list(self, archive)` calls
/// `archive(number, self.member)` for each. A type lists its own in `list_fields`; this is
/// specialised for types of other rooms. A number is never given to another field.
template <class T>
struct Fields {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    T::list_fields(self, archive);
  }
};

namespace archive {

template <class T>
struct IsTime : std::false_type {};
template <class Clock, class Duration>
struct IsTime<std::chrono::time_point<Clock, Duration>> : std::true_type {};
template <class T>
struct IsDuration : std::false_type {};
template <class Rep, class Period>
struct IsDuration<std::chrono::duration<Rep, Period>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsShared : std::false_type {};
template <class T>
struct IsShared<std::shared_ptr<const T>> : std::true_type {};
template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};
template <class T>
struct IsList<std::deque<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class Key, class Value, class Less>
struct IsMap<std::map<Key, Value, Less>> : std::true_type {};
template <class T>
struct IsBytes : std::false_type {};
template <std::size_t Size>
struct IsBytes<std::array<std::uint8_t, Size>> : std::true_type {};

template <class T>
concept Number = std::integral<T> || std::is_enum_v<T>;
template <class T>
concept Time = IsTime<T>::value || IsDuration<T>::value;

}  // namespace archive

/// Appends state to `out`. Monotonic times are written as their age at `now`, so that another
/// process can read them. Thread: one at a time.
class StateWriter {
 public:
  StateWriter(WireBuffer& out, MonotonicTime now) : out_(out), now_(now) {}

  template <class T>
  void operator()(std::uint32_t field, const T& value) {
    if constexpr (archive::IsOptional<T>::value) {
      if (value) present(field, *value);
    } else if constexpr (archive::IsShared<T>::value) {
      if (value) present(field, *value);
    } else if constexpr (archive::IsList<T>::value) {
      for (const auto& item : value) present(field, item);
    } else if constexpr (archive::IsMap<T>::value) {
      for (const auto& [key, item] : value) {
        message(field, [&, &key = key, &item = item] {
          present(1, key);
          present(2, item);
        });
      }
    } else {
      present(field, value);
    }
  }

  /// A message whose fields `write` writes.
  template <class Write>
  void message(std::uint32_t field, Write&& write) {
    (void)out_.message(field, WireBuffer::Length::Of256MiB, std::forward<Write>(write));
  }

 private:
  template <class T>
  void present(std::uint32_t field, const T& value) {
    if constexpr (archive::Number<T>) {
      out_.present_varint(field, static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, MonotonicTime>) {
      const auto age = std::chrono::duration_cast<std::chrono::microseconds>(now_ - value);
      out_.present_varint(field, static_cast<std::uint64_t>(age.count()));
    } else if constexpr (archive::IsTime<T>::value) {
      out_.present_varint(field, static_cast<std::uint64_t>(value.time_since_epoch().count()));
    } else if constexpr (archive::IsDuration<T>::value) {
      out_.present_varint(field, static_cast<std::uint64_t>(value.count()));
    } else if constexpr (archive::IsBytes<T>::value) {
      out_.text(field, {reinterpret_cast<const char*>(value.data()), value.size()});
    } else if constexpr (std::is_same_v<T, std::string>) {
      value.empty() ? message(field, [] {}) : out_.text(field, value);
    } else if constexpr (archive::IsShared<T>::value) {
      if (value) present(field, *value);
    } else {
      message(field, [&] { Fields<T>::list(value, *this); });
    }
  }

  WireBuffer& out_;
  const MonotonicTime now_;
};

/// Reads what StateWriter wrote. A field that is missing leaves its member as it is. Thread: one at
/// a time.
class StateReader {
 public:
  /// `now`: what the writer's `now` is by this process's monotonic clock.
  StateReader(std::string_view bytes, MonotonicTime now) : rest_(bytes), now_(now) { next(); }

  /// False: the bytes are no message.
  bool ok() const { return ok_; }

  template <class T>
  void operator()(std::uint32_t field, T& value) {
    if constexpr (archive::IsOptional<T>::value) {
      if (at(field)) take(value.emplace());
    } else if constexpr (archive::IsShared<T>::value) {
      if (at(field)) take(value);
    } else if constexpr (archive::IsList<T>::value) {
      while (at(field)) take(value.emplace_back());
    } else if constexpr (archive::IsMap<T>::value) {
      while (at(field)) {
        typename T::key_type key{};
        StateReader inner(text_, now_);
        inner(1, key);
        inner(2, value[key]);
        ok_ = ok_ && inner.ok_;
        next();
      }
    } else {
      if (at(field)) take(value);
    }
  }

  /// Calls `read(reader)` for each message with that number.
  template <class Read>
  void each(std::uint32_t field, Read&& read) {
    while (at(field)) {
      StateReader inner(text_, now_);
      read(inner);
      ok_ = ok_ && inner.ok_;
      next();
    }
  }

 private:
  /// Whether the next field has that number; passes over lower ones.
  bool at(std::uint32_t field) {
    while (ok_ && field_ != 0 && field_ < field) next();
    return ok_ && field_ == field;
  }

  template <class T>
  void take(T& value) {
    if constexpr (archive::IsShared<T>::value) {
      auto made = std::make_shared<std::remove_const_t<typename T::element_type>>();
      read(*made);
      value = std::move(made);
    } else {
      read(value);
    }
    next();
  }

  template <class T>
  void read(T& value) {
    if constexpr (archive::Number<T>) {
      value = static_cast<T>(number_);
    } else if constexpr (std::is_same_v<T, MonotonicTime>) {
      value = now_ - std::chrono::microseconds(static_cast<std::int64_t>(number_));
    } else if constexpr (archive::IsTime<T>::value) {
      value = T(typename T::duration(static_cast<typename T::rep>(number_)));
    } else if constexpr (archive::IsDuration<T>::value) {
      value = T(static_cast<typename T::rep>(number_));
    } else if constexpr (archive::IsBytes<T>::value) {
      if (text_.size() != value.size()) return fail();
      for (std::size_t i = 0; i < value.size(); ++i) {
        value[i] = static_cast<std::uint8_t>(text_[i]);
      }
    } else if constexpr (std::is_same_v<T, std::string>) {
      value.assign(text_);
    } else {
      StateReader inner(text_, now_);
      Fields<T>::list(value, inner);
      ok_ = ok_ && inner.ok_;
    }
  }

  void next() {
    field_ = 0;
    text_ = {};
    number_ = 0;
    if (rest_.empty() || !ok_) return;
    const std::uint64_t tag = varint();
    const std::uint64_t kind = tag & 7;
    if (tag >> 3 == 0 || tag >> 32 != 0 || (kind != 0 && kind != 2)) return fail();
    number_ = varint();
    if (kind == 2) {
      if (number_ > rest_.size()) return fail();
      text_ = rest_.substr(0, static_cast<std::size_t>(number_));
      rest_.remove_prefix(text_.size());
    }
    if (ok_) field_ = static_cast<std::uint32_t>(tag >> 3);
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }

  void fail() {
    ok_ = false;
    field_ = 0;
    rest_ = {};
  }

  std::string_view rest_;
  const MonotonicTime now_;
  bool ok_ = true;
  std::uint32_t field_ = 0;  ///< the next field's number; 0: there is none
  std::uint64_t number_ = 0;
  std::string_view text_;
};

}  // namespace vdm::metrics
