#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy-service/body/request_scan.h"

namespace vdm::proxy {

/// Finds the fields `model` and `stream` of a multipart/form-data body (RFC 7578) whose beginning
/// is there and whose rest may follow. It looks at each byte once, whatever the splits, and what it
/// finds does not depend on them. Bounds: PartsMax parts, PartHeadBytesMax of a part's head, and
/// a model's name as long as RequestScanner takes one. Thread: its owner's.
class MultipartFields {
 public:
  static constexpr std::size_t PartsMax = 1000;
  static constexpr std::size_t PartHeadBytesMax = 8 * 1024;
  static constexpr std::size_t BoundaryBytesMax = 70;  // RFC 2046

  /// The boundary that a Content-Type states; InvalidRequest when it states none.
  static Result<std::string> boundary_of(std::string_view content_type);

  explicit MultipartFields(std::string_view boundary);

  /// `body`: its bytes so far, those of earlier calls again at its beginning. InvalidRequest names
  /// what is wrong: two models, or a bound.
  Result<void> read(std::string_view body);

  /// Where the model's name is, once all of it has come; it is 1 to 512 bytes, none a control.
  const std::optional<ByteRange>& model() const { return model_; }
  bool stream() const { return stream_; }
  /// Its last part has ended.
  bool over() const { return state_ == State::Over; }

 private:
  enum class State : std::uint8_t { Content, Head, Over };
  enum class Field : std::uint8_t { Other, Model, Stream };

  /// False: more bytes are needed.
  Result<bool> read_content(std::string_view body);
  Result<bool> read_head(std::string_view body);
  Result<void> end_part(std::string_view content, std::size_t end);

  std::string delimiter_;  ///< with the line end before it, which belongs to it
  State state_ = State::Content;
  Field field_ = Field::Other;
  std::size_t at_ = 0;     ///< what is before has been looked at
  std::size_t begin_ = 0;  ///< of the part's content, or of its head
  std::size_t parts_ = 0;
  bool at_begin_ = true;  ///< no delimiter has been looked for yet
  std::optional<ByteRange> model_;
  bool stream_ = false;
};

}  // namespace vdm::proxy
