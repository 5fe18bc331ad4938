#pragma once

#include <memory>
#include <string>
#include <vector>

namespace vdm::fakes {

/// A host name for the getaddrinfo() of the program that links this: a test sets its addresses and
/// how long its look-ups take. Look-ups fail until lead_to() gives it addresses; other names go to
/// the system's resolver. Thread: any.
class FakeName {
 public:
  explicit FakeName(std::string text);
  /// Releases held look-ups.
  ~FakeName();
  FakeName(const FakeName&) = delete;
  FakeName& operator=(const FakeName&) = delete;

  const std::string& text() const { return text_; }
  /// Sets the IPv4 addresses that look-ups return from now on; with none they fail.
  void lead_to(std::vector<std::string> addresses);
  /// Holds look-ups until they are released, as when no name server answers.
  void hold();
  void let_go();
  /// How many look-ups have begun.
  int asked() const;
  void wait_until_asked(int times = 1) const;

 private:
  struct State;
  friend struct FakeNames;

  const std::string text_;
  const std::shared_ptr<State> state_;
};

}  // namespace vdm::fakes
