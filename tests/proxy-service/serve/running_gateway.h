#pragma once

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "proxy-service/serve/gateway.h"
#include "tests/fakes/fake_upstream.h"
#include "tests/fakes/peer.h"
#include "tests/fakes/recording_sink.h"

namespace vdm::proxy {

inline Door door_at(Dialect dialect, std::uint16_t port) {
  return {.dialect = dialect,
          .base_url = {.scheme = Scheme::Http,
                       .host = "127.0.0.1",
                       .port = port,
                       .path_prefix = dialect == Dialect::OpenAi ? "/v1" : "",
                       .authority = "127.0.0.1:" + std::to_string(port)}};
}

inline Provider provider_at(std::string name, Dialect dialect, std::uint16_t port) {
  Provider provider;
  provider.name = std::move(name);
  provider.doors = {door_at(dialect, port)};
  provider.keys.emplace_back("sk-provider-key-0123456789");
  provider.retries_max = 0;  // what is tried again is asked for by the tests of it
  return provider;
}

/// A gateway on a port of its own, from a configuration that a test may change
/// before it is started. Ended and joined when it goes.
class RunningGateway {
 public:
  explicit RunningGateway(std::uint16_t upstream_port) : RunningGateway() {
    config.providers = {provider_at("anth", Dialect::Anthropic, upstream_port),
                        provider_at("open", Dialect::OpenAi, upstream_port)};
  }
  RunningGateway() {
    std::signal(SIGPIPE, SIG_IGN);
    config.listen.port = 0;
    config.threads = 2;
  }
  ~RunningGateway() { stop(); }

  /// Lets the tests of one thread's behaviour not depend on who was dealt what.
  RunningGateway& on_one_thread() {
    config.threads = 1;
    return *this;
  }
  RunningGateway& start() {
    tls_ = certificates();
    auto opened = Gateway::open({.config = config,
                                 .tls = *tls_,
                                 .clock = clock == nullptr ? clock_ : *clock,
                                 .sink = other_sink == nullptr ? sink : *other_sink,
                                 .instance_id = "00112233445566778899aabbccddeeff",
                                 .memory_use = memory_use});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    gateway_ = std::move(*opened);
    gateway_->start();
    return *this;
  }

  /// Ends it now, however much still runs.
  void stop() {
    if (!gateway_) return;
    gateway_->drain();
    gateway_->end_all();
    gateway_->join();
    gateway_.reset();
  }

  fakes::Peer client(int receive_buffer = 0) const {
    return fakes::Peer::connect(gateway_->address().port(), receive_buffer);
  }
  Gateway& gateway() { return *gateway_; }

  Config config;
  const Clock* clock = nullptr;  ///< time that the test moves; null: the machine's
  MemoryUse memory_use;
  fakes::RecordingSink sink;
  EventSink* other_sink = nullptr;  ///< takes the events instead

 private:
  using TlsPtr = std::shared_ptr<const TlsContext>;
  static TlsPtr read_certificates() {
    return std::make_shared<const TlsContext>(std::move(*TlsContext::make()));
  }
  /// Reading them takes longer than most tests: where nobody is asked by https, it is done once.
  TlsPtr certificates() const {
    static const TlsPtr Once = read_certificates();
    const bool asked_for = std::ranges::any_of(config.providers, [](const Provider& provider) {
      return provider.doors.front().base_url.scheme == Scheme::Https;
    });
    return asked_for ? read_certificates() : Once;
  }

  SystemClock clock_;
  TlsPtr tls_;
  std::unique_ptr<Gateway> gateway_;
};

inline std::string post(std::string_view path, std::string_view body,
                        std::string_view more_fields = "") {
  std::string request = "POST ";
  request.append(path).append(" HTTP/1.1\r\nhost: localhost\r\n");
  request.append("content-type: application/json\r\n").append(more_fields);
  request.append("content-length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return request.append(body);
}

inline std::string get(std::string_view path, std::string_view more_fields = "") {
  std::string request = "GET ";
  return request.append(path)
      .append(" HTTP/1.1\r\nhost: localhost\r\n")
      .append(more_fields)
      .append("\r\n");
}

inline constexpr std::string_view OpenAiRequest =
    R"({"model":"open:gpt-4o","messages":[{"role":"user","content":"hello"}]})";
inline constexpr std::string_view OpenAiAnswer =
    R"({"id":"c1","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}})";
inline constexpr std::string_view AnthropicRequest =
    R"({"model":"anth:claude-x","max_tokens":16,"messages":[{"role":"user","content":"hello"}]})";
inline constexpr std::string_view AnthropicAnswer =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}})";

inline constexpr std::string_view StreamAsk =
    R"({"model":"anth:claude-x","max_tokens":16,"stream":true,"messages":[]})";
inline constexpr std::string_view FirstEvent =
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}})"
    "\n\n";

}  // namespace vdm::proxy
