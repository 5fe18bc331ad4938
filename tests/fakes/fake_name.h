#pragma once

#include <memory>
#include <string>
#include <vector>

namespace vdm::fakes {

/// A host name as the C library's getaddrinfo knows it, for the program this is linked to:
/// what it leads to, and how long its look-ups take. It fails until it leads somewhere; other
/// names go to the system's resolver. Thread: any.
class FakeName {
 public:
  explicit FakeName(std::string text);
  /// Lets go.
  ~FakeName();
  FakeName(const FakeName&) = delete;
  FakeName& operator=(const FakeName&) = delete;

  const std::string& text() const { return text_; }
  /// IPv4 addresses, for look-ups that end from now on; none: they fail.
  void lead_to(std::vector<std::string> addresses);
  /// Look-ups last until they are let go, as they do when no name server answers.
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
