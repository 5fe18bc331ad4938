#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "proxy-service/completion/answer_form.h"
#include "proxy-service/upstream/call.h"

namespace vdm::proxy {

/// The first bytes of a provider's answer, which show what it is. Most often they have come with
/// its head. Thread: its IoThread.
class AnswerStart {
 public:
  /// The most white space that is waited through.
  static constexpr std::size_t blank_bytes_max = 1024;

  /// `blank_max`: so much white space may come before the label decides.
  AnswerStart(UpstreamCall& call, std::size_t blank_max);
  AnswerStart(const AnswerStart&) = delete;
  AnswerStart& operator=(const AnswerStart&) = delete;

  /// Whether the form is known; if not, read_on() waits for more bytes.
  bool known() const { return form_.has_value(); }
  Task<Result<void>> read_on();
  /// What a wait that was too long counts as.
  AttemptFailure::Kind late_kind() const;

  AnswerForm form() const { return *form_; }
  /// The bytes; without a read_on() they are valid until the thread waits.
  std::span<char> bytes() const { return bytes_; }

 private:
  AnswerForm labelled() const;
  std::optional<AnswerForm> look(std::size_t blank_max) const;

  UpstreamCall& call_;
  std::optional<AnswerForm> form_;
  std::span<char> bytes_;
  std::string memory_;
};

}  // namespace vdm::proxy
