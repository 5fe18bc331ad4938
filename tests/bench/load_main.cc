#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "tests/bench/load.h"

namespace {

using vdm::bench::LoadOptions;
using vdm::bench::LoadResult;

void print(const LoadOptions& options, LoadResult& result) {
  auto& seen = result.seen;
  const double per_second =
      result.seconds > 0 ? static_cast<double>(seen.finished) / result.seconds : 0;
  std::printf(
      "{\"requests\":%llu,\"failed\":%llu,\"first_failure\":\"%s\",\"seconds\":%.3f,"
      "\"requests_per_second\":%.1f,\"latency_us\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,"
      "\"max\":%.1f},\"first_byte_us\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f}",
      static_cast<unsigned long long>(seen.finished), static_cast<unsigned long long>(seen.failed),
      seen.first_failure.c_str(), result.seconds, per_second, seen.latency.percentile_us(50),
      seen.latency.percentile_us(90), seen.latency.percentile_us(99),
      seen.latency.percentile_us(100), seen.first_byte.percentile_us(50),
      seen.first_byte.percentile_us(90), seen.first_byte.percentile_us(99),
      seen.first_byte.percentile_us(100));
  if (options.takes_refusals) {
    std::printf(",\"refused\":%llu,\"refusal_us\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f}",
                static_cast<unsigned long long>(seen.refused), seen.refusal.percentile_us(50),
                seen.refusal.percentile_us(99), seen.refusal.percentile_us(100));
  }
  if (!options.watch.empty()) {
    std::printf(
        ",\"cpu_us_per_request\":%.3f,\"resident_before\":%llu,\"resident_after\":%llu,"
        "\"open_streams\":%zu",
        result.cpu_us_per_request, static_cast<unsigned long long>(result.resident_before),
        static_cast<unsigned long long>(result.resident_after), result.open_streams);
  }
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) {
  LoadOptions options;
  CLI::App app("Sends completions to a gateway on 127.0.0.1 and reports one line of JSON");
  app.add_option("--port", options.port, "the gateway's port")->required();
  app.add_option("--path", options.path, "the request's target; default: the dialect's");
  app.add_option("--model", options.model, "the model's name")->capture_default_str();
  app.add_option("--connections", options.connections)->capture_default_str();
  app.add_option("--body-bytes", options.body_bytes, "size of the body")->capture_default_str();
  app.add_option("--seconds", options.seconds, "measured time")->capture_default_str();
  app.add_option("--warm-up", options.warm_up_seconds, "seconds before it")->capture_default_str();
  app.add_option("--rate", options.rate, "requests per second; 0: closed loop");
  app.add_flag("--anthropic", options.anthropic,
               "ask in the Anthropic dialect, and take only that for an answer");
  app.add_flag("--stream", options.stream, "ask for a streamed answer");
  app.add_flag("--hold", options.hold, "hold one slow stream per connection, then report memory");
  app.add_flag("--refusals", options.takes_refusals,
               "count a 503 with Retry-After apart, and not as a failure");
  app.add_option("--watch", options.watch, "processes whose CPU and memory are reported");
  CLI11_PARSE(app, argc, argv);

  LoadResult result = vdm::bench::Load(options).run();
  print(options, result);
  return result.seen.failed == 0 ? 0 : 1;
}
