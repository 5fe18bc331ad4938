// HTTP/2 of a stranger: the same is let pass and refused however the bytes are cut, nothing is
// changed on its way, and little is kept.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "metrics-service/http2/frame_guard.h"

namespace {

using vdm::metrics::FrameGuard;

constexpr std::string_view Greeting("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

struct Outcome {
  std::string passed;
  std::string fault;
};

void require(bool holds) {
  if (!holds) std::abort();
}

Outcome read(const std::string& bytes, std::size_t step) {
  FrameGuard guard;
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size() && outcome.fault.empty(); at += step) {
    const auto taken =
        guard.take(std::string_view(bytes).substr(at, step), FrameGuard::Time(0), outcome.passed);
    if (!taken) outcome.fault = taken.error().message;
    require(guard.held_bytes() <= 16'384 + 5 * 9);
    require(guard.open_streams() <= 256);
    guard.note_answer(std::string_view(bytes).substr(at, step));
  }
  if (outcome.fault.empty()) require(outcome.passed.size() + guard.held_bytes() == bytes.size());
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view given(reinterpret_cast<const char*>(data), size);
  for (const std::string& bytes : {std::string(given), std::string(Greeting).append(given)}) {
    const Outcome whole = read(bytes, bytes.size() + 1);
    const Outcome cut = read(bytes, 1);
    require(whole.fault.empty() == cut.fault.empty());
    require(bytes.starts_with(whole.passed));
    require(bytes.starts_with(cut.passed));
    if (whole.fault.empty()) require(whole.passed == cut.passed);
  }
  return 0;
}
