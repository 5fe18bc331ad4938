#pragma once

#include <boost/json/fwd.hpp>

namespace vdm::proxy {

/// What providers ask of a JSON schema, of a tool or of an answer. Pure. A schema is as deep as a
/// body may be.

/// Whether a schema may be called strict by OpenAI's rules: each object names all of its properties
/// as required and admits no others.
bool is_strict_schema(const boost::json::value& schema);

/// Gives each object of the schema that lists no properties an empty list of them.
void add_properties(boost::json::value& schema);

/// Makes the schema an object's if it names no type.
void add_type(boost::json::value& schema);

/// Forbids, in each object of the schema, properties that it does not list.
void forbid_other_properties(boost::json::value& schema);

}  // namespace vdm::proxy
