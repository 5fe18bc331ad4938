#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http1/fields.h"

namespace vdm::http1 {

/// Which fields of a provider's answer reach the client: those that clients read, and those that
/// the configuration adds. All others stay here. A provider's word would bind a browser to it
/// (Access-Control-Allow-Origin, Set-Cookie), or steer a server in front of us (X-Accel-Redirect).
/// Pure. Thread: any.
class PassedFields {
 public:
  PassedFields() = default;
  /// `more`: names and beginnings of names ("cf-*"), each of which may_be_added().
  explicit PassedFields(const std::vector<std::string>& more);

  bool pass(const Field& field) const {
    if (Always.hold(field.known)) return true;
    if (field.known == FieldName::Location) return is_path(field.value);
    if (field.known == FieldName::Other && is_read_by_clients(field.name)) return true;
    return !more_.empty() && is_added(field.name);
  }

  /// Whether a configuration may add the name, or what begins so. Not those that bind a browser or
  /// steer a server, and those that we write ourselves.
  static bool may_be_added(std::string_view name);

 private:
  static constexpr FieldNames Always{
      FieldName::AnthropicBeta, FieldName::AnthropicVersion, FieldName::ContentType,
      FieldName::Date,          FieldName::OpenaiBeta,       FieldName::OpenaiOrganization,
      FieldName::OpenaiProject, FieldName::RequestId,        FieldName::RetryAfter};

  static bool is_path(std::string_view location);
  static bool is_read_by_clients(std::string_view name);
  bool is_added(std::string_view name) const;

  std::vector<std::string> more_;  ///< in lower case
};

}  // namespace vdm::http1
