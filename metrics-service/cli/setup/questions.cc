#include "metrics-service/cli/setup/questions.h"

#include <cerrno>
#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace vdm::cli {
namespace {

constexpr std::size_t LineMax = 8 * 1024;
constexpr char CtrlC = '\x03';
constexpr char CtrlD = '\x04';
constexpr char CtrlU = '\x15';
constexpr char Delete = '\x7f';

/// Turns off the terminal's echo and lets the program read each key at once. Ctrl-C is read as a
/// key, since a signal would leave the terminal without echo.
class Unseen {
 public:
  explicit Unseen(int terminal) : terminal_(terminal) {
    if (::tcgetattr(terminal_, &before_) != 0) return;
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    changed_ = ::tcsetattr(terminal_, TCSANOW, &now) == 0;
  }
  ~Unseen() {
    if (changed_) ::tcsetattr(terminal_, TCSANOW, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  int terminal_;
  termios before_{};
  bool changed_ = false;
};

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

Questions::Questions(int input) : input_(input), at_terminal_(::isatty(input) == 1) {}

std::optional<std::string> Questions::ask(std::string_view prompt) {
  if (at_terminal_) std::cerr << prompt << std::flush;
  return read_line(Echo::Yes);
}

std::optional<std::string> Questions::ask_unseen(std::string_view prompt) {
  if (!at_terminal_) return read_line(Echo::No);
  const Unseen unseen(input_);  // before the prompt, so that no key typed early is shown
  std::cerr << prompt << std::flush;
  auto line = read_line(Echo::No);
  std::cerr << "\n";
  return line;
}

std::optional<std::string> Questions::read_line(Echo echo) {
  const bool keys = at_terminal_ && echo == Echo::No;
  std::string line;
  for (;;) {
    char c = 0;
    const ssize_t bytes = ::read(input_, &c, 1);
    if (bytes < 0 && errno == EINTR) continue;
    const bool ends = bytes <= 0 || (keys && c == CtrlD);
    if (ends && line.empty()) return std::nullopt;
    if (ends || c == '\n' || (keys && c == '\r')) return trimmed(line);
    if (keys && c == CtrlC) return std::nullopt;
    if (keys && c == CtrlU) {
      line.clear();
    } else if (keys && (c == Delete || c == '\b')) {
      if (!line.empty()) line.pop_back();
    } else if (line.size() < LineMax) {
      line.push_back(c);
    }
  }
}

}  // namespace vdm::cli
