#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/host_port.h"
#include "common/base/secret.h"
#include "common/base/utf8.h"
#include "common/settings/value.h"

namespace vdm::settings {

/// Where a setting's value goes: a member, or a function that takes it. The constructors convert,
/// so that a row of the table just names one. The member must outlive the Place. Thread: one at a
/// time.
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
  /// The largest number that fits into the member.
  std::int64_t most() const { return most_; }

 private:
  std::function<void(const Value&)> put_;
  std::int64_t most_ = std::numeric_limits<std::int64_t>::max();
};

/// One row of a service's table of settings: its names, what it may be, its default and where it
/// goes. Everything else comes from the table: reading, refusing, --help, --show-config and the
/// check of the READMEs' tables.
struct Setting {
  std::string_view variable;      ///< its name in the environment
  std::string_view key;           ///< its key in the file, "limits.body-bytes"; "" without one
  std::string_view default_text;  ///< as a user would write it; "" without one
  std::string_view help;
  Rule rule;
  Place place;
  std::string_view flag{};  ///< its flag on the command line, "--port"; "" without one
};

/// In the order of the README's table. When two settings go to the same member, the more specific
/// one stands later and wins.
using Settings = std::vector<Setting>;

/// One sentence per fault: "PORT: expected 1..65535, got '80x'".
using Faults = std::vector<std::string>;

/// Each fault as one line of a log or a terminal, for it may quote what a file says.
inline Faults as_lines(Faults faults) {
  constexpr std::size_t BytesMax = 2048;
  for (std::string& fault : faults) fault = one_line(fault, BytesMax);
  return faults;
}

}  // namespace vdm::settings
