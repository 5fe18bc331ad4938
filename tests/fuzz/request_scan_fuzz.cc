// RequestScanner and SplicedBody: a body that the scanner accepts is, after splicing, the same
// request with another model's name.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy-service/body/request_scan.h"
#include "proxy-service/body/splice.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vdm::proxy;
  constexpr std::string_view Model = "org/a\"b\\c:free";
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  RequestScanner scanner;
  const auto scan = scanner.scan(body);
  if (!scan) {
    require(!scan.error().message.empty());
    return 0;
  }
  require(!scan->model.empty() && scan->model.size() <= RequestScanner::model_bytes_max);
  require(body.substr(scan->model_token.begin).starts_with('"'));

  const SplicedBody spliced(body, *scan, Model, SplicedBody::Usage::AskFor);
  std::string text;
  for (const std::string_view piece : spliced.pieces()) text.append(piece);
  require(text.size() == spliced.size() && spliced.pieces().size() <= 5);

  const auto again = scanner.scan(text);
  require(again.has_value());
  require(again->model == Model && again->include_usage && again->stream == scan->stream);
  require(again->message_count == scan->message_count);
  require(again->tool_use_count == scan->tool_use_count);
  require(again->tool_result_count == scan->tool_result_count);
  require(again->session_id == scan->session_id);
  return 0;
}
