#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <future>
#include <memory>

#include "common/base/text.h"
#include "tests/fakes/stepped_upstream.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy {

/// A gateway before one provider of each dialect, `anth` and `open`, for requests that are passed
/// on whole. Bare names, and requests without a model, are for `open`.
class Forwarding : public ::testing::Test {
 protected:
  RunningGateway& in_front_of(std::uint16_t port) {
    gateway_ = std::make_unique<RunningGateway>(port);
    gateway_->config.default_provider = "open";
    gateway_->config.retry.backoff_first = gateway_->config.retry.backoff_max =
        std::chrono::milliseconds(1);
    return *gateway_;
  }
  RunningGateway& with_keys(const std::vector<std::string>& keys) {
    for (Provider& provider : gateway_->config.providers) {
      provider.keys.clear();
      for (const std::string& key : keys) provider.keys.emplace_back(key);
    }
    return *gateway_;
  }
  RunningGateway& with_retries(std::uint32_t retries) {
    for (Provider& provider : gateway_->config.providers) provider.retries_max = retries;
    return *gateway_;
  }

  /// Asks once, by a connection of its own.
  fakes::Message told(const std::string& request) {
    auto client = gateway_->client();
    client.send(request);
    return client.read_message();
  }
  Ended ended() {
    const auto all = gateway_->sink.wait_for<Ended>(1);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? Ended{.facts = std::make_shared<RequestFacts>()} : all[0];
  }

  std::unique_ptr<RunningGateway> gateway_;
};

/// A body whose type is not stated is JSON.
inline std::string request_of(std::string_view method, std::string_view path,
                              std::string_view fields = "", std::string_view body = "") {
  std::string text(method);
  text.append(" ").append(path).append(" HTTP/1.1\r\nhost: localhost\r\n").append(fields);
  if (!body.empty() && !contains(fields, "content-type:")) {
    text.append("content-type: application/json\r\n");
  }
  if (!body.empty()) text.append("content-length: ").append(std::to_string(body.size()) + "\r\n");
  return text.append("\r\n").append(body);
}

/// The fields and the body of a form with one file, in front of what else is in it.
inline constexpr std::string_view FormType = "content-type: multipart/form-data; boundary=b0\r\n";
inline std::string form(std::string_view file, std::string_view rest = "") {
  std::string body =
      "--b0\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
  return body.append(file).append("\r\n").append(rest).append("--b0--\r\n");
}
inline std::string model_part(std::string_view model) {
  std::string part = "--b0\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n";
  return part.append(model).append("\r\n");
}

inline constexpr std::string_view Embedded =
    R"({"object":"list","data":[],"model":"embed-1","usage":{"prompt_tokens":8,"total_tokens":8}})";

}  // namespace vdm::proxy
