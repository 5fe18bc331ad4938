#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy-service/body/json_members.h"
#include "proxy-service/body/multipart_fields.h"

namespace vdm::proxy {

/// Finds the model that a body names, JSON or multipart, while the body arrives. A body of any
/// other type names none. Thread: its owner's.
class NamedModel {
 public:
  /// InvalidRequest when a multipart body states no boundary.
  static Result<NamedModel> of(std::string_view content_type);

  /// `body`: its bytes so far, those of earlier calls again at its beginning. InvalidRequest when
  /// it names two models, or none that could be one.
  Result<void> read(std::string_view body);

  /// The body's rest may still name one.
  bool may_follow() const;
  /// Empty: none is named so far.
  const std::string& name() const { return name_; }
  /// Whether the client asks for a stream.
  bool stream() const;
  /// Whether the body was read as a JSON object, so that texts in it can be told.
  bool is_json() const { return is_json_; }

  /// The name in the body, as it is written there.
  const ByteRange& token() const { return token_; }
  /// `model` as it stands in the body instead.
  std::string written(std::string_view model) const;

 private:
  enum class Form : std::uint8_t { Other, Json, Multipart };

  explicit NamedModel(Form form) : form_(form) {}
  Result<void> read_json(std::string_view body);

  static constexpr std::array<std::string_view, 2> Names{"model", "stream"};
  /// A name of 512 bytes, each written as an escape.
  static constexpr std::size_t ValueBytesMax = 6 * RequestScanner::model_bytes_max + 2;

  Form form_;
  JsonMembers json_{Names, ValueBytesMax};
  std::optional<MultipartFields> parts_;
  std::size_t read_ = 0;
  bool is_json_ = false;
  std::string name_;
  ByteRange token_;
};

}  // namespace vdm::proxy
