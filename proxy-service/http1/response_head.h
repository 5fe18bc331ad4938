#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/http1/fields.h"
#include "common/http1/head_lines.h"
#include "common/http1/refusal.h"

namespace vdm::http1 {

/// How the body behind a response head ends.
enum class BodyKind : std::uint8_t { None, Length, Chunked, UntilClose };

/// The head of a provider's response. A provider may be hostile or broken: the
/// parser refuses a head that could be read in two ways (always with 502), and the
/// caller must not use the connection again. The bytes must stay in place as for
/// RequestHead. Thread: its owner's.
class ResponseHead {
 public:
  /// Offsets within a head have 16 bits.
  static constexpr std::size_t BytesMost = 64 * 1024;
  static constexpr std::size_t StatusLineMax = 8 * 1024;

  /// `bytes_max`: at most BytesMost.
  explicit ResponseHead(std::size_t bytes_max = BytesMost);
  std::size_t bytes_max() const { return bytes_max_; }

  /// Whether the request was a HEAD, whose answers never have a body.
  enum class Answers { Get, Head };

  Progress read(std::string_view received, Answers answers = Answers::Get);
  const MessageRefusal& refusal() const { return refusal_; }
  void clear();
  void rebase(const char* begin) { fields_.set_base(begin); }

  /// The head's size including the empty line: where the body begins.
  std::size_t bytes() const { return lines_.taken(); }

  int status() const { return status_; }
  /// 100, 102, 103 and the like: the caller drops bytes(), calls clear() and reads on. The
  /// parser refuses 101.
  bool informational() const { return status_ < 200; }
  std::string_view reason() const { return {fields_.base() + reason_at_, reason_size_}; }
  int minor_version() const { return minor_version_; }
  const Fields& fields() const { return fields_; }

  BodyKind body_kind() const { return body_kind_; }
  /// As declared; body_kind() decides what follows the head.
  std::optional<std::uint64_t> content_length() const { return framing_.content_length; }
  /// Whether the connection may carry another request once the body has ended.
  bool keep_alive() const { return keep_alive_; }

 private:
  bool refuse(std::string_view reason);
  bool take_line(std::string_view line, Answers answers);
  bool take_status_line(std::string_view line);
  bool finish(Answers answers);

  std::size_t bytes_max_;
  HeadLines lines_;
  MessageRefusal refusal_;
  bool has_status_line_ = false;
  bool complete_ = false;
  bool keep_alive_ = false;
  BodyKind body_kind_ = BodyKind::None;
  std::uint8_t minor_version_ = 1;
  std::uint16_t status_ = 0;
  std::uint16_t reason_at_ = 0;
  std::uint16_t reason_size_ = 0;
  Framing framing_;
  Fields fields_;
};

}  // namespace vdm::http1
