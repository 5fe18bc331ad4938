#pragma once

#include <string>

namespace vdm::fakes {

/// A host name whose look-up lasts until it is let go, then fails: the system's resolver
/// as it is when no name server answers. One at a time. Thread: any.
class SlowName {
 public:
  SlowName();
  ~SlowName();
  SlowName(const SlowName&) = delete;
  SlowName& operator=(const SlowName&) = delete;

  std::string text() const;
  void wait_until_asked();
  void let_go();
};

}  // namespace vdm::fakes
