#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy-service/http1/head_writer.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

struct ClientRequest;

/// The head of requests to providers: the provider's key in its own way, its custom
/// headers, and of the client's own headers what is passed on; to a provider of the
/// other dialect, whose words they are not, none. As long as a client's head stays the same, all
/// but the body's length is kept from request to request. Thread: its owner's.
class UpstreamHead {
 public:
  /// The whole head, ended; it stays until the next request. `key`: which of the
  /// provider's. Unauthorized when it wants the client's and there is none.
  Result<std::string_view> write(const Provider& provider, std::size_t key,
                                 const ClientRequest& request, std::size_t content_length);
  /// The client says something else now.
  void clear() { provider_ = nullptr; }

 private:
  Result<void> write_all_but_length(const Provider& provider, std::size_t key,
                                    const ClientRequest& request);

  std::string text_;
  std::size_t length_at_ = 0;
  const Provider* provider_ = nullptr;
  std::size_t key_ = 0;
};

}  // namespace vdm::proxy
