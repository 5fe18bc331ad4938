#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy-service/http1/head_writer.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

struct ClientRequest;

/// Appends the client's header lines except those that the provider's configuration replaces.
void append_forwarded(std::string& text, const Provider& provider, std::string_view lines);

/// The field that keeps a session at one of the provider's servers, where its prompt cache is.
struct SessionField {
  std::string_view name{};  ///< empty: there is none
  std::string value{};
};

/// Writes the head of a request to a provider: the provider's key in its own header, its custom
/// headers, and the client's headers that may be passed on. A door of the other dialect gets none
/// of the client's headers. While a client's heads stay the same, everything but the body's
/// length and the session is reused from request to request. Thread: its owner's.
class UpstreamHead {
 public:
  /// The complete head; valid until the next call. `key` is the index of the provider's key.
  /// A session's field that the client or the configuration sets already stays as that one is.
  /// Unauthorized when the provider wants the client's key and the client sent none.
  Result<std::string_view> write(const Provider& provider, const Door& door, std::size_t key,
                                 const ClientRequest& request, std::size_t content_length,
                                 const SessionField& session = {});
  /// Forgets the reusable head: the client's head has changed.
  void clear() { door_ = nullptr; }

 private:
  Result<void> write_all_but_length(const Provider& provider, const Door& door, std::size_t key,
                                    const ClientRequest& request);

  std::string text_;
  std::size_t length_at_ = 0;
  const Door* door_ = nullptr;
  std::size_t key_ = 0;
};

}  // namespace vdm::proxy
