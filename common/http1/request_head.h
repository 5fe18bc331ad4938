#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/http1/fields.h"
#include "common/http1/head_lines.h"
#include "common/http1/refusal.h"

namespace vdm::http1 {

/// How large a client's head may be; behind each limit, the status when it is exceeded. Offsets
/// within a head have 16 bits, which no limit may exceed.
struct RequestHeadLimits {
  static constexpr std::size_t BytesMost = 64 * 1024;

  std::size_t bytes_max = 32 * 1024;        ///< 431
  std::size_t fields_max = Fields::Max;     ///< 431; at most Fields::Max
  std::size_t target_bytes_max = 4 * 1024;  ///< 414
};

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options };

std::string_view text_of(Method method);

/// The head of a client's request, and the framing guard that every request passes: a
/// head that it accepts has one meaning; it refuses one that has two. Pass it the bytes as
/// they arrive; it looks at each once and keeps offsets only, so the bytes must stay while
/// the head is in use. About 1.2 KB. Thread: its owner's.
class RequestHead {
 public:
  /// How many bytes method and version may add to the target's.
  static constexpr std::size_t RequestLineRest = 4 * 1024;

  explicit RequestHead(const RequestHeadLimits& limits = {}) { limit_to(limits); }

  /// For the next heads.
  void limit_to(const RequestHeadLimits& limits);
  const RequestHeadLimits& limits() const { return limits_; }

  /// `received` begins at the head's first byte and holds all bytes since; it may have
  /// moved since the last call. The parser does not look at bytes behind the head.
  Progress read(std::string_view received);
  /// The answer to give; valid after Refused.
  const MessageRefusal& refusal() const { return refusal_; }
  bool complete() const { return complete_; }
  /// Makes it ready for the next request.
  void clear();
  /// After Complete: the same head arrived once more at `begin`; only the digits of its
  /// Content-Length may differ, not their number. False: they are no length, and read() must judge.
  bool read_length_again(const char* begin);
  /// To be called when the head's bytes moved after Complete.
  void rebase(const char* begin) { fields_.set_base(begin); }

  /// The head's size including the empty line: where the body begins.
  std::size_t bytes() const { return lines_.taken(); }

  Method method() const { return method_; }
  /// As sent: "/v1/messages?beta=true", "http://host/path" or "*".
  std::string_view target() const { return view(target_); }
  /// Never empty, and "/" when an absolute target names no path. Not decoded.
  std::string_view path() const { return path_.size == 0 ? "/" : view(path_); }
  /// What follows the '?', without it; empty when there is none.
  std::string_view query() const { return view(query_); }
  int minor_version() const { return minor_version_; }
  const Fields& fields() const { return fields_; }

  /// As sent, port included; empty only for HTTP/1.0.
  std::string_view host() const { return fields_.get(FieldName::Host).value_or(""); }
  /// Without the port; a literal IPv6 address keeps its brackets.
  std::string_view host_name() const;

  std::optional<std::uint64_t> content_length() const { return framing_.content_length; }
  bool chunked() const { return framing_.chunked; }
  bool has_body() const { return framing_.chunked || framing_.content_length.value_or(0) != 0; }
  bool keep_alive() const { return keep_alive_; }
  /// The client waits for "100 Continue" before it sends the body.
  bool expect_continue() const { return expect_continue_; }

 private:
  struct Slice {
    std::uint16_t at = 0;
    std::uint16_t size = 0;
  };

  std::string_view view(Slice slice) const { return {fields_.base() + slice.at, slice.size}; }
  Slice slice(std::string_view text) const;
  bool refuse(int status, std::string_view reason);
  bool take_line(std::string_view line);
  bool take_request_line(std::string_view line);
  bool take_version(std::string_view version);
  bool take_target(std::string_view target);
  bool finish();
  bool check_host();

  RequestHeadLimits limits_;
  std::size_t request_line_max_ = 0;
  HeadLines lines_;
  MessageRefusal refusal_;
  bool has_request_line_ = false;
  bool complete_ = false;
  bool keep_alive_ = false;
  bool expect_continue_ = false;
  Method method_ = Method::Get;
  std::uint8_t minor_version_ = 1;
  Slice target_;
  Slice path_;
  Slice query_;
  Slice authority_;
  Framing framing_;
  Fields fields_;
};

}  // namespace vdm::http1
