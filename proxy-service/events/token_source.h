#pragma once

#include <string>
#include <utility>

#include "common/base/secret.h"

namespace vdm::proxy {

/// The token to show to the metrics service. A file is read for each stream, so that a changed
/// token needs no restart; what is wrong with it is logged once. Thread: the reporter's.
class TokenSource {
 public:
  /// `token` wins over `file`; both empty: there is none.
  TokenSource(Secret token, std::string file) : token_(std::move(token)), file_(std::move(file)) {}

  /// Empty: there is none, or the file cannot be read; then the service decides. Blocks.
  Secret current();

 private:
  void log_fault(std::string fault);

  const Secret token_;
  const std::string file_;
  bool open_mode_ = false;  ///< said
  std::string last_fault_;  ///< as last logged
};

}  // namespace vdm::proxy
