#pragma once

#include <chrono>
#include <string>

#include "common/base/host_port.h"
#include "common/base/result.h"
#include "common/base/secret.h"

namespace vdm::cli {

/// One request to one of our services over plain HTTP.
struct HttpCall {
  std::string method = "GET";
  std::string target = "/";
  std::string body{};  ///< JSON, or empty
  Secret key{};
  std::chrono::milliseconds timeout{5'000};  ///< for the whole call
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::chrono::microseconds first_byte{};  ///< from the start of the call to the body's first byte
  std::chrono::microseconds whole{};
};

/// Makes the call and returns the answer, of at most 8 MiB. NotFound: nothing listens there.
/// UpstreamTimeout: no answer in time. UpstreamRejected: the peer does not speak HTTP, or closes
/// before the answer ends. Blocks. Thread: any.
Result<HttpAnswer> http_call(const HostPort& at, const HttpCall& call);

}  // namespace vdm::cli
