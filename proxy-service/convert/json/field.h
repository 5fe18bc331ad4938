#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "common/base/result.h"

namespace vdm::proxy {

/// The place of a value in a body, for the error message that names it:
/// messages[2].content[0].source. It is a chain of objects on the stack, and only error() spells it
/// out. Pure.
class FieldPath {
 public:
  /// A member of the value at `in`, or of the body itself.
  explicit FieldPath(std::string_view name, const FieldPath* in = nullptr) : name_(name), in_(in) {}

  FieldPath member(std::string_view name) const { return FieldPath(name, this); }
  FieldPath element(std::size_t index) const { return FieldPath(index, this); }

  std::string text() const;

  /// An InvalidRequest with the path and `what`: what was expected and what was found, without a
  /// quote of the value.
  Error error(std::string_view what) const;

 private:
  FieldPath(std::size_t index, const FieldPath* in) : index_(index), in_(in) {}

  std::string_view name_;
  std::size_t index_ = 0;
  const FieldPath* in_;
};

/// The member if it exists and is not null, else nothing.
const boost::json::value* find(const boost::json::object& object, std::string_view name);

/// The member if it exists and has that type, else nothing.
const boost::json::string* find_string(const boost::json::object& object, std::string_view name);
const boost::json::object* find_object(const boost::json::object& object, std::string_view name);
const boost::json::array* find_array(const boost::json::object& object, std::string_view name);
/// The text of a string member; empty when there is none.
std::string_view find_text(const boost::json::object& object, std::string_view name);
bool find_true(const boost::json::object& object, std::string_view name);

/// Copies a member under another name, if it exists and is not null.
void copy_member(const boost::json::object& from, std::string_view name, boost::json::object& to,
                 std::string_view as);

/// A name from a request, fit for an error message: the name if it is short and plain, else
/// "other".
std::string shown(std::string_view word);

}  // namespace vdm::proxy
