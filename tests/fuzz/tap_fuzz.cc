// Tap never fails, keeps within its bounds, and reads the same from the same events however their
// bytes were cut. Each input is read in both dialects, as a stream and as a body.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/base/sse.h"
#include "proxy-service/tap/tap.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

vdm::proxy::TapFacts listen(vdm::Dialect dialect, std::string_view bytes, std::size_t piece) {
  vdm::proxy::JsonIndexer indexer;
  vdm::proxy::Tap tap(dialect, indexer);
  vdm::SseFramer framer(1 << 20);
  std::string buffer;
  while (!bytes.empty()) {
    buffer.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    std::size_t done = 0;
    while (const std::size_t size = *framer.next(std::string_view(buffer).substr(done))) {
      tap.event(std::string_view(buffer).substr(done, size));
      done += size;
    }
    buffer.erase(0, done);
  }
  return tap.facts();
}

void check(const vdm::proxy::TapFacts& facts) {
  require(facts.error_message.size() <= 256 && facts.error_type.size() <= 64);
  require(facts.finish_reason.size() <= 64);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const vdm::Dialect dialect : {vdm::Dialect::Anthropic, vdm::Dialect::OpenAi}) {
    const auto whole = listen(dialect, bytes, size + 1);
    const auto cut = listen(dialect, bytes, 3);
    check(whole);
    require(whole.usage == cut.usage && whole.tool_call_count == cut.tool_call_count);
    require(whole.finish_reason == cut.finish_reason && whole.terminal == cut.terminal);
    require(whole.error_message == cut.error_message && whole.malformed == cut.malformed);

    vdm::proxy::JsonIndexer indexer;
    vdm::proxy::Tap body(dialect, indexer);
    body.body(bytes);
    body.body_end();
    check(body.facts());
  }
  return 0;
}
