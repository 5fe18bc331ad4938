#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/http1/head_writer.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

struct CompletionCall;

/// The head of requests to providers: the client's own headers as far as they are
/// passed on, the provider's key in its dialect's way, its custom headers. As long as
/// a client's head stays the same, all but the body's length is kept from request to
/// request. Thread: its owner's.
class UpstreamHead {
 public:
  /// The whole head, ended; it stays until the next call. Unauthorized when the
  /// provider wants the client's key and there is none.
  Result<std::string_view> write(const Provider& provider, const CompletionCall& call,
                                 std::size_t content_length);
  /// The client says something else now.
  void clear() { provider_ = nullptr; }

 private:
  Result<void> write_all_but_length(const Provider& provider, const CompletionCall& call);

  std::string text_;
  std::size_t length_at_ = 0;
  const Provider* provider_ = nullptr;
};

/// The provider's key and what its dialect always wants, for requests of our own.
Result<void> write_credentials(http1::HeadWriter& head, const Provider& provider,
                               const Secret& client_key);

}  // namespace vdm::proxy
