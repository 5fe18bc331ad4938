#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "proxy-service/convert/stream_converter.h"
#include "proxy-service/tap/tap.h"

namespace vdm::proxy {
namespace {

constexpr int EventsPerStream = 50;

/// One delta of a stream with the same content in each dialect.
std::string_view text_event(Dialect dialect) {
  return dialect == Dialect::OpenAi
             ? R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,)"
               R"("model":"gpt-4o","choices":[{"index":0,"delta":{"content":"word "},)"
               R"("finish_reason":null}]})"
               "\n\n"
             : "event: content_block_delta\n"
               R"(data: {"type":"content_block_delta","index":0,)"
               R"("delta":{"type":"text_delta","text":"word "}})"
               "\n\n";
}

std::string_view tool_start(Dialect dialect) {
  return dialect == Dialect::OpenAi
             ? R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1",)"
               R"("function":{"name":"write","arguments":"{\"x\":\""}}]}}]})"
               "\n\n"
             : R"(data: {"type":"content_block_start","index":0,)"
               R"("content_block":{"type":"tool_use","id":"toolu_1","name":"write","input":{}}})"
               "\n\n";
}

std::string_view tool_event(Dialect dialect) {
  return dialect == Dialect::OpenAi
             ? R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,)"
               R"("model":"gpt-4o","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,)"
               R"("function":{"arguments":"word \\n"}}]},"finish_reason":null}]})"
               "\n\n"
             : "event: content_block_delta\n"
               R"(data: {"type":"content_block_delta","index":0,)"
               R"("delta":{"type":"input_json_delta","partial_json":"word \\n"}})"
               "\n\n";
}

Dialect dialect_of(const benchmark::State& state) {
  return state.range(0) == 0 ? Dialect::OpenAi : Dialect::Anthropic;
}

/// What an event costs that passes through: the benchmarks below are compared with it.
void tap_alone(benchmark::State& state) {
  const Dialect dialect = dialect_of(state);
  JsonIndexer indexer;
  Tap tap(dialect, indexer);
  for (auto _ : state) benchmark::DoNotOptimize(tap.event(text_event(dialect)));
}
BENCHMARK(tap_alone)->ArgName("anthropic")->Arg(0)->Arg(1);

template <class Event>
void convert_events(benchmark::State& state, std::string_view first, Event event) {
  const Dialect dialect = dialect_of(state);
  const ToolNames names;
  JsonIndexer indexer;
  StreamConverter converter(
      dialect,
      {.message_id = "msg_0123456789abcdef", .model = "claude-sonnet-4-5", .tool_names = names},
      indexer);
  std::string out;
  out.reserve(64 * 1024);
  converter.push(first, out);
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(converter.push(event(dialect), out));
  }
}

void convert_text(benchmark::State& state) {
  convert_events(state, text_event(dialect_of(state)), text_event);
}
BENCHMARK(convert_text)->ArgName("anthropic")->Arg(0)->Arg(1);

void convert_arguments(benchmark::State& state) {
  convert_events(state, tool_start(dialect_of(state)), tool_event);
}
BENCHMARK(convert_arguments)->ArgName("anthropic")->Arg(0)->Arg(1);

/// A converter from its construction to the end of its stream, with fifty events between.
void convert_stream(benchmark::State& state) {
  const Dialect dialect = dialect_of(state);
  const std::string_view last =
      dialect == Dialect::OpenAi ? "data: [DONE]\n\n" : "data: {\"type\":\"message_stop\"}\n\n";
  const ToolNames names;
  JsonIndexer indexer;
  std::string out;
  for (auto _ : state) {
    out.clear();
    StreamConverter converter(
        dialect,
        {.message_id = "msg_0123456789abcdef", .model = "claude-sonnet-4-5", .tool_names = names},
        indexer);
    for (int i = 0; i < EventsPerStream; ++i) converter.push(text_event(dialect), out);
    converter.push(last, out);
    benchmark::DoNotOptimize(converter.finish(out));
  }
}
BENCHMARK(convert_stream)->ArgName("anthropic")->Arg(0)->Arg(1);

}  // namespace
}  // namespace vdm::proxy
