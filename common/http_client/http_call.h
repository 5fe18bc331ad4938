#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "common/base/host_port.h"
#include "common/base/result.h"
#include "common/base/secret.h"

namespace vdm {

/// One request over plain HTTP, on a connection of its own. What is asked and answered is JSON.
struct HttpCall {
  std::string method = "GET";
  std::string target = "/";
  std::string body{};
  Secret key{};                                                ///< sent as x-api-key
  std::vector<std::pair<std::string, std::string>> headers{};  ///< besides those of HTTP itself
  std::chrono::milliseconds timeout{5'000};                    ///< for the whole call
  std::size_t answer_bytes_max = 8 * 1024 * 1024;  ///< of its body; the call fails beyond it
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::chrono::microseconds first_byte{};  ///< from the start of the call to the body's first byte
  std::chrono::microseconds whole{};
};

/// Makes the call and returns the answer. NotFound: nothing listens there. UpstreamTimeout: no
/// answer in time. UpstreamRejected: the peer does not speak HTTP, closes before the answer ends,
/// or answers more than it may. Blocks. Thread: any.
Result<HttpAnswer> http_call(const HostPort& at, const HttpCall& call);

}  // namespace vdm
