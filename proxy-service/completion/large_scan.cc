#include "proxy-service/completion/large_scan.h"

#include <functional>
#include <limits>

#include "proxy-service/completion/body_wait.h"
#include "proxy-service/convert/json/thinned_json.h"

namespace vdm::proxy {

Task<Result<RequestScan>> scan_large(ClientConnection& client, std::string_view body) {
  Result<RequestScan> scan = Error{ErrorKind::Overloaded, no_time_for_body().message};
  const std::function<void()> work = [body, &scan] {
    constexpr std::size_t Never = std::numeric_limits<std::size_t>::max();
    const auto counted = ThinnedJson::of(
        body, {.text_bytes_min = Never, .data_bytes_min = Never, .values_max = ScannedValuesMax});
    scan = counted ? RequestScanner().scan(body) : counted.error();
  };
  (void)co_await client.worker().snapshot.server.heavy_work.run(client, body.size(), work);
  co_return scan;
}

}  // namespace vdm::proxy
