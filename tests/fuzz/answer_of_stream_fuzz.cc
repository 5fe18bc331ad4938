#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy-service/convert/answer_of_stream.h"
#include "proxy-service/convert/json/wire_json.h"

namespace {

using namespace vdm;

std::string assembled(Dialect upstream, std::string_view stream, std::size_t piece_bytes) {
  proxy::AnswerOfStream answer(upstream, 1 << 20);
  for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
    if (!answer.take(stream.substr(at, piece_bytes))) break;
  }
  const auto text = std::move(answer).take_answer();
  return text ? *text : std::string();
}

}  // namespace

/// An answer is JSON, and the same wherever the stream is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  for (const Dialect upstream : {Dialect::OpenAi, Dialect::Anthropic}) {
    const std::string whole = assembled(upstream, stream, size + 1);
    if (!whole.empty() && !proxy::parse_body(whole)) std::abort();
    if (whole != assembled(upstream, stream, 3)) std::abort();
  }
  return 0;
}
