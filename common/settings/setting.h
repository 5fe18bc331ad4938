#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/secret.h"
#include "common/settings/value.h"

namespace vdm::settings {

/// Where a setting's value goes: a member, or whatever a function does with it. A row names the
/// one or the other and no more, so the constructors convert. The member must outlive it.
/// Thread: one at a time.
class Place {
 public:
  template <std::integral Number>
  Place(Number* to) : put_([to](const Value& value) { *to = static_cast<Number>(value.number); }) {
    constexpr auto Largest = std::numeric_limits<Number>::max();
    if (std::cmp_less(Largest, most_)) most_ = static_cast<std::int64_t>(Largest);
  }
  Place(bool* to) : put_([to](const Value& value) { *to = value.number != 0; }) {}
  Place(std::chrono::milliseconds* to)
      : put_([to](const Value& value) { *to = std::chrono::milliseconds(value.number); }) {}
  Place(std::string* to) : put_([to](const Value& value) { *to = value.text; }) {}
  Place(Secret* to) : put_([to](const Value& value) { *to = Secret(value.text); }) {}
  Place(HostPort* to) : put_([to](const Value& value) { *to = value.address; }) {}
  Place(std::vector<std::string>* to) : put_([to](const Value& value) { *to = value.list; }) {}
  template <std::invocable<const Value&> Put>
  Place(Put put) : put_(std::move(put)) {}

  void put(const Value& value) const { put_(value); }
  /// The largest number that fits there.
  std::int64_t most() const { return most_; }

 private:
  std::function<void(const Value&)> put_;
  std::int64_t most_ = std::numeric_limits<std::int64_t>::max();
};

/// One row of a service's table of settings: what it is called, what it may be, what it is when
/// nobody says, and where it goes. All else is made from the table: what is read, what is
/// refused, --help, --show-config, the READMEs' tables.
struct Setting {
  std::string_view variable;      ///< in the environment
  std::string_view key;           ///< in the file, "limits.body-bytes"; "" when it has none
  std::string_view default_text;  ///< as one would write it; "" when there is none
  std::string_view help;
  Rule rule;
  Place place;
  std::string_view flag{};  ///< on the command line, "--port"; "" when it has none
};

/// In the order of the README's table. Where two touch the same thing, the more particular one
/// stands later and wins.
using Settings = std::vector<Setting>;

/// One sentence each: "PORT: expected 1..65535, got '80x'".
using Faults = std::vector<std::string>;

}  // namespace vdm::settings
