// SseFramer and SseSplitter lose no byte and give the same events wherever the bytes are cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/sse.h"

namespace {

constexpr std::size_t EventBytesMax = 4096;

struct Outcome {
  std::vector<vdm::SseEvent> events;
  bool refused = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome split(std::string_view bytes, std::size_t piece) {
  vdm::SseSplitter splitter(EventBytesMax);
  Outcome outcome;
  while (!bytes.empty() && !outcome.refused) {
    outcome.refused = !splitter.push(bytes.substr(0, piece), outcome.events);
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return outcome;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = split(bytes, size + 1);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    const Outcome cut = split(bytes, piece);
    // With other cuts an oversized event may be refused one line end sooner or later.
    require(whole.refused || cut.refused || cut == whole);
  }

  vdm::SseFramer framer(EventBytesMax);
  const auto leading = framer.whole(bytes);
  require(!leading || *leading <= size);

  for (const vdm::SseEvent& event : whole.events) {
    const std::string text = vdm::sse_event(event.name, event.data, event.id);
    const Outcome again = split(text, text.size());
    const bool nul_inside = text.find('\0') != std::string::npos ||
                            event.name.find('\0') != std::string::npos ||
                            event.id.find('\0') != std::string::npos;
    require(nul_inside || again.refused ||
            (again.events.size() == 1 && again.events[0].data == event.data));
  }
  return 0;
}
