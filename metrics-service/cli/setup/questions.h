#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vdm::cli {

/// Asks questions: at a terminal with a prompt, from a pipe one line per answer. A line is at most
/// 8 KiB. Thread: one at a time.
class Questions {
 public:
  /// Reads answers from `input` and writes prompts to standard error.
  explicit Questions(int input);

  bool at_terminal() const { return at_terminal_; }

  /// The answer without blanks around it. Nothing: the input has ended, or Ctrl-C was typed.
  std::optional<std::string> ask(std::string_view prompt);
  /// The same, without showing what is typed.
  std::optional<std::string> ask_unseen(std::string_view prompt);

 private:
  enum class Echo { Yes, No };
  std::optional<std::string> read_line(Echo echo);

  int input_;
  bool at_terminal_;
};

}  // namespace vdm::cli
