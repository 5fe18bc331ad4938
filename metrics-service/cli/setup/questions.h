#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vdm::cli {

/// Questions and answers: at a terminal with a prompt, from a pipe one line each. A line is
/// 8 KiB at most. Thread: one at a time.
class Questions {
 public:
  /// Reads from `input`, and asks on standard error.
  explicit Questions(int input);

  bool at_terminal() const { return at_terminal_; }

  /// Without the blanks around it. Nothing: the input has ended, or Ctrl-C.
  std::optional<std::string> ask(std::string_view prompt);
  /// The same, and what is typed is not shown.
  std::optional<std::string> ask_unseen(std::string_view prompt);

 private:
  enum class Echo { Yes, No };
  std::optional<std::string> read_line(Echo echo);

  int input_;
  bool at_terminal_;
};

}  // namespace vdm::cli
