#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "proto/contract/event.h"
#include "proxy-service/convert/stream_anthropic_to_openai.h"
#include "proxy-service/convert/stream_openai_to_anthropic.h"

namespace vdm::proxy {

/// The machine for a stream whose provider speaks one dialect and whose client the
/// other. Whoever drives it writes the client's error event when `fault` says so or
/// finish() is false, and nobody else does. Thread: its owner's.
class StreamConverter {
 public:
  StreamConverter(Dialect upstream, StreamOptions options, JsonIndexer& indexer)
      : machine_(
            upstream == Dialect::OpenAi
                ? Machine(std::in_place_type<StreamOpenAiToAnthropic>, std::move(options), indexer)
                : Machine(std::in_place_type<StreamAnthropicToOpenAi>, options, indexer)) {}

  StreamStep push(std::string_view event, std::string& out) {
    return std::visit([&](auto& machine) { return machine.push(event, out); }, machine_);
  }
  bool finish(std::string& out) {
    return std::visit([&](auto& machine) { return machine.finish(out); }, machine_);
  }

 private:
  using Machine = std::variant<StreamOpenAiToAnthropic, StreamAnthropicToOpenAi>;
  Machine machine_;
};

}  // namespace vdm::proxy
