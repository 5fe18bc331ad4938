#pragma once

#include <chrono>
#include <string>

#include "common/base/env.h"
#include "common/base/result.h"
#include "common/base/secret.h"

namespace vdm::cli {

/// One request to a service of ours, by plain HTTP.
struct HttpCall {
  std::string method = "GET";
  std::string target = "/";
  std::string body{};  ///< JSON, if any
  Secret key{};
  std::chrono::milliseconds patience{5'000};  ///< for all of it
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::chrono::microseconds first_byte{};  ///< of the body, since the call began
  std::chrono::microseconds whole{};
};

/// The answer, up to 8 MiB. NotFound: nobody listens there; UpstreamTimeout: no answer in
/// time; UpstreamRejected: what answers does not speak HTTP, or breaks off. Blocks. Thread: any.
Result<HttpAnswer> http_call(const HostPort& at, const HttpCall& call);

}  // namespace vdm::cli
