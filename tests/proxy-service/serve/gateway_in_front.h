#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/stepped_upstream.h"
#include "tests/proxy-service/completion/dialect_pairs.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy {

inline constexpr Pair Same{Dialect::Anthropic, Dialect::Anthropic, Shape::Whole};
inline constexpr Pair SameStream{Dialect::Anthropic, Dialect::Anthropic, Shape::Stream};

inline std::string refused(int status, std::string_view fields = "") {
  return fakes::whole_answer(status, error_said(Dialect::Anthropic, "api_error", "no"),
                             "application/json", fields);
}

inline fakes::Step well(Dialect dialect, Shape shape = Shape::Whole) {
  return {good(dialect, shape)};
}

/// A gateway in front of one provider, or of two: `m` is asked of the first, then of the second.
class GatewayInFront : public ::testing::Test {
 protected:
  RunningGateway& in_front_of(std::uint16_t port) {
    gateway_ = std::make_unique<RunningGateway>(port);
    return settle();
  }
  RunningGateway& in_front_of(std::uint16_t first, Dialect first_dialect, std::uint16_t second,
                              Dialect second_dialect) {
    gateway_ = std::make_unique<RunningGateway>();
    gateway_->config.providers = {provider_at("first", first_dialect, first),
                                  provider_at("second", second_dialect, second)};
    gateway_->config.aliases.aliases.push_back(
        {.key = "aliases.m", .name = "m", .targets = {{"first:a"}}, .fallback = {"second:b"}});
    return settle();
  }
  RunningGateway& settle() {
    gateway_->on_one_thread();
    gateway_->config.retry.backoff_first = gateway_->config.retry.backoff_max =
        std::chrono::milliseconds(1);
    return *gateway_;
  }
  RunningGateway& with_retries(std::uint32_t retries) {
    for (Provider& provider : gateway_->config.providers) provider.retries_max = retries;
    return *gateway_;
  }
  /// In turn, so that a test knows which comes first.
  RunningGateway& with_keys(std::vector<std::string> keys) {
    for (Provider& provider : gateway_->config.providers) {
      provider.key_affinity = Affinity::None;
      provider.keys.clear();
      for (const std::string& key : keys) provider.keys.emplace_back(key);
    }
    return *gateway_;
  }

  /// Asks once, by a connection of its own.
  fakes::Message told(const std::string& request) {
    auto client = gateway_->client();
    client.send(request);
    return client.read_message();
  }
  Ended ended() { return gateway_->sink.wait_for<Ended>(1).at(0); }

  std::unique_ptr<RunningGateway> gateway_;
};

}  // namespace vdm::proxy
