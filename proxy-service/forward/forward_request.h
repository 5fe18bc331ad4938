#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/http1/request_head.h"
#include "proxy-service/forward/forward_kind.h"

namespace vdm::proxy {

/// What a request that is passed on whole says in its head, besides what a ClientRequest holds.
struct ForwardRequest {
  /// Copies from `head`, whose bytes do not last. `collection`: the route's path.
  ForwardRequest(const http1::RequestHead& head, ForwardKind kind, std::string_view collection);

  /// An error when the path would lead to another route than its own: "/v1/files/%2e%2e/x".
  Result<void> check_path() const;
  /// Whether it reads one of the things that the provider stores.
  bool reads_stored() const {
    return method == "GET" && is_about_stored(kind) && path.size() > collection.size() + 1;
  }

  ForwardKind kind;
  std::string method;
  std::string collection;    ///< "/v1/files"
  std::string path;          ///< as sent, "/v1/files/file-1"
  std::string content_type;  ///< empty: none
  std::string provider;      ///< of x-vandamme-provider; empty: none is named
};

}  // namespace vdm::proxy
