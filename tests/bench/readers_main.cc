#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/bench/readers.h"

namespace {

using vdm::bench::ReadersOptions;
using vdm::bench::ReadersResult;

void print(const ReadersOptions& options, const ReadersResult& result) {
  std::printf(
      "{\"readers\":%zu,\"failed\":%zu,\"seconds\":%.3f,\"cpu_us\":%.1f,\"bytes\":%llu,"
      "\"bytes_fewest\":%llu}\n",
      options.readers, result.failed, result.seconds,
      static_cast<double>(result.cpu.count()) / 1000, static_cast<unsigned long long>(result.bytes),
      static_cast<unsigned long long>(result.bytes_fewest));
}

}  // namespace

int main(int argc, char** argv) {
  ReadersOptions options;
  CLI::App app("Reads a feed of vdm-metrics on 127.0.0.1 many times and reports one line of JSON");
  app.add_option("--port", options.port, "where vdm-metrics listens")->required();
  app.add_option("--path", options.path, "the feed")->capture_default_str();
  app.add_option("--readers", options.readers, "connections that read it")->capture_default_str();
  app.add_option("--seconds", options.seconds, "measured time")->capture_default_str();
  app.add_option("--warm-up", options.warm_up_seconds, "seconds before it")->capture_default_str();
  app.add_option("--watch", options.watch, "processes whose CPU time is reported");
  CLI11_PARSE(app, argc, argv);

  const ReadersResult result = vdm::bench::Readers(options).run();
  print(options, result);
  return result.failed == 0 ? 0 : 1;
}
