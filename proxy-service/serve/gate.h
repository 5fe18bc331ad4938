#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/digest.h"
#include "common/http1/request_head.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// The key a client shows: x-api-key, else Authorization: Bearer. Empty: none.
std::string_view client_key(const http1::Fields& fields);

/// Who gets in: the Host names we answer to, and the key. Thread: any.
class Gate {
 public:
  explicit Gate(const Config& config);

  bool knows_host(const http1::RequestHead& head) const;
  /// Hashes both sides and compares in constant time. Always true without a key set.
  bool admits(std::string_view key) const;
  bool has_key() const { return key_.has_value(); }

 private:
  std::vector<std::string> hosts_;
  std::optional<Sha256> key_;
};

}  // namespace vdm::proxy
