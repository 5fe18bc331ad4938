#include "proxy-service/forward/forward_request.h"

#include <algorithm>

#include "common/base/percent.h"

namespace vdm::proxy {

ForwardRequest::ForwardRequest(const http1::RequestHead& head, ForwardKind asked,
                               std::string_view of)
    : kind(asked),
      method(http1::text_of(head.method())),
      collection(of),
      path(head.path()),
      content_type(head.fields().get(http1::FieldName::ContentType).value_or("")),
      provider(head.fields().get("x-vandamme-provider").value_or("")) {}

Result<void> ForwardRequest::check_path() const {
  const Error odd{ErrorKind::InvalidRequest, "path: expected no '.' and '..' between its slashes"};
  const auto decoded = percent_decoded(path);
  if (!decoded) return Error{ErrorKind::InvalidRequest, "path: expected whole escapes, as %2F"};
  std::string_view rest = *decoded;
  while (!rest.empty()) {
    const std::string_view segment = rest.substr(0, rest.find_first_of("/\\"));
    if (segment == "." || segment == "..") return odd;
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
  }
  return {};
}

}  // namespace vdm::proxy
