#include <benchmark/benchmark.h>

#include <string>

#include "common/base/sse.h"
#include "proxy-service/body/request_scan.h"
#include "proxy-service/tap/tap.h"

namespace vdm::proxy {
namespace {

std::string chat(std::size_t bytes) {
  std::string body = R"({"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":")";
  while (body.size() + 20 < bytes) body += "The quick \\\"fox\\\".\\n ";
  return body + R"("}]})";
}

void scan_request(benchmark::State& state) {
  const std::string body = chat(static_cast<std::size_t>(state.range(0)));
  RequestScanner scanner;
  for (auto _ : state) benchmark::DoNotOptimize(scanner.scan(body));
}
BENCHMARK(scan_request)->Arg(2048)->Arg(51200);

/// A stream of fifty events, read through framing and tap as the relay does it.
void tap_stream(benchmark::State& state) {
  const std::string event =
      R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,)"
      R"("model":"gpt-4o","choices":[{"index":0,"delta":{"content":"word "},"finish_reason":null}]})"
      "\n\n";
  for (auto _ : state) {
    JsonIndexer indexer;
    Tap tap(Dialect::OpenAi, indexer);
    SseFramer framer(1 << 20);
    for (int i = 0; i < 50; ++i) {
      benchmark::DoNotOptimize(framer.next(event));
      benchmark::DoNotOptimize(tap.event(event));
    }
  }
}
BENCHMARK(tap_stream);

void tap_whole_answer(benchmark::State& state) {
  std::string body = R"({"id":"a","choices":[{"index":0,"message":{"content":")";
  while (body.size() < 1900) body += "and so it goes on, ";
  body += R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":512,"completion_tokens":256}})";
  for (auto _ : state) {
    JsonIndexer indexer;
    Tap tap(Dialect::OpenAi, indexer);
    tap.body(body);
    tap.body_end();
    benchmark::DoNotOptimize(tap.facts());
  }
}
BENCHMARK(tap_whole_answer);

}  // namespace
}  // namespace vdm::proxy
