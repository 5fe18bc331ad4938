#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "common/base/result.h"

namespace vdm::proxy {

/// Where in a body a value stands, for the message that refuses it. A chain on the
/// stack, spelled out only when there is something to say:
/// messages[2].content[0].source. Pure.
class FieldPath {
 public:
  /// A member, of the body itself unless it is `in` another value.
  explicit FieldPath(std::string_view name, const FieldPath* in = nullptr) : name_(name), in_(in) {}

  FieldPath member(std::string_view name) const { return FieldPath(name, this); }
  FieldPath element(std::size_t index) const { return FieldPath(index, this); }

  std::string text() const;

  /// `what` names what was expected and what came, and quotes nothing of the value.
  Error error(std::string_view what) const;

 private:
  FieldPath(std::size_t index, const FieldPath* in) : index_(index), in_(in) {}

  std::string_view name_;
  std::size_t index_ = 0;
  const FieldPath* in_;
};

/// A member that is there and not null, else nothing.
const boost::json::value* find(const boost::json::object& object, std::string_view name);

/// A member of that type, else nothing.
const boost::json::string* find_string(const boost::json::object& object, std::string_view name);
const boost::json::object* find_object(const boost::json::object& object, std::string_view name);
const boost::json::array* find_array(const boost::json::object& object, std::string_view name);
/// A string's text; empty when there is none.
std::string_view find_text(const boost::json::object& object, std::string_view name);
bool find_true(const boost::json::object& object, std::string_view name);

/// Copies a member that is there and not null under another name.
void copy_member(const boost::json::object& from, std::string_view name, boost::json::object& to,
                 std::string_view as);

/// A name from a request for an error message: short and of plain characters, else "other".
std::string shown(std::string_view word);

}  // namespace vdm::proxy
