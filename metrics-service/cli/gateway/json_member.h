#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

namespace vdm::cli {

/// Members of a proxy's answer, which may be missing or of another type than expected. Pure.

/// Empty when it is no text.
std::string text_member(const boost::json::object& object, boost::json::string_view name);
/// 0 when it is no whole number above 0.
std::uint64_t count_member(const boost::json::object& object, boost::json::string_view name);
std::optional<double> number_member(const boost::json::object& object,
                                    boost::json::string_view name);
/// Null when it is none.
const boost::json::object* object_member(const boost::json::object& object,
                                         boost::json::string_view name);
const boost::json::array* array_member(const boost::json::object& object,
                                       boost::json::string_view name);

}  // namespace vdm::cli
