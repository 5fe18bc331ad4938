#include "proxy-service/convert/errors/stream_error.h"

#include "common/base/utf8.h"
#include "proxy-service/convert/errors/error_body.h"

namespace vdm::proxy {

ProviderError append_stream_error(Dialect client, std::string_view data,
                                  std::string_view request_id, std::string& out) {
  ProviderError error = read_provider_error(200, data);
  out.append(client == Dialect::Anthropic ? "event: error\ndata: " : "data: ")
      .append(error_answer(client, error, request_id).body)
      .append("\n\n");
  const auto size = cut_utf8(error.message, ProviderError::stream_message_bytes_max).size();
  error.message.resize(size);
  return error;
}

}  // namespace vdm::proxy
