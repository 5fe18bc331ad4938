#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/base/utf8.h"
#include "proxy-service/convert/errors/error_body.h"
#include "proxy-service/convert/json/wire_json.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// Whatever a provider says, the client gets an error of its own dialect, in JSON and in bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vdm::proxy;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const int status : {200, 400, 429, 503}) {
    const ProviderError error = read_provider_error(status, body);
    require(error.status >= 400 && error.status < 600);
    require(!error.message.empty());
    require(error.message.size() <= ProviderError::message_bytes_max);
    require(error.type.size() <= ProviderError::type_bytes_max);
    if (!vdm::is_utf8(body)) continue;
    for (const vdm::Dialect dialect : {vdm::Dialect::Anthropic, vdm::Dialect::OpenAi}) {
      const ErrorBody answer = error_answer(dialect, error, "req_1");
      require(answer.status >= 400 && parse_body(answer.body).has_value());
    }
  }
  return 0;
}
