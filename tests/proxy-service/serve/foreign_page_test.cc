#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

// What a web page may have a browser send to the gateway without being asked: nothing that spends.

namespace vdm::proxy::foreign_page_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;

std::string request(std::string_view method, std::string_view path, std::string_view fields,
                    std::string_view body = "") {
  std::string text(method);
  text.append(" ").append(path).append(" HTTP/1.1\r\nhost: localhost\r\n").append(fields);
  if (!body.empty()) text.append("content-length: ").append(std::to_string(body.size()) + "\r\n");
  return text.append("\r\n").append(body);
}

constexpr std::string_view Evil = "origin: https://evil.example\r\n";
constexpr std::string_view CrossSite = "sec-fetch-site: cross-site\r\n";
constexpr std::string_view SameSite = "sec-fetch-site: same-site\r\n";
constexpr std::string_view Json = "content-type: application/json\r\n";

/// In front of a provider that answers everything, and lets every page read it.
class ForeignPage : public ::testing::Test {
 protected:
  ForeignPage()
      : upstream_([this](Peer& peer, int) {
          while (peer.read_message().complete) {
            ++asked_;
            peer.send(fakes::whole_answer(200, AnthropicAnswer, "application/json",
                                          "access-control-allow-origin: *\r\n"));
          }
        }),
        gateway_(upstream_.port()) {
    gateway_.config.default_provider = "anth";
    gateway_.start();
  }

  Message told(const std::string& text) {
    auto client = gateway_.client();
    client.send(text);
    return client.read_message();
  }

  std::atomic<int> asked_{0};
  FakeUpstream upstream_;
  RunningGateway gateway_;
};

TEST_F(ForeignPage, SpendsNothingByATextThatIsJson) {
  const Message answer = told(request(
      "POST", "/v1/messages",
      std::string(Evil) + std::string(CrossSite) + "content-type: text/plain;charset=UTF-8\r\n",
      AnthropicRequest));

  EXPECT_EQ(answer.status(), 403);
  EXPECT_NE(answer.body.find("permission_error"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("VDM_ALLOWED_ORIGINS"), std::string::npos);
  EXPECT_EQ(answer.field("access-control-allow-origin"), std::nullopt);
  EXPECT_EQ(asked_, 0);
}

TEST_F(ForeignPage, MayDoNothingOnAnyRoute) {
  const std::vector<std::string_view> paths{"/v1/messages",
                                            "/v1/messages/count_tokens",
                                            "/v1/chat/completions",
                                            "/v1/embeddings",
                                            "/v1/completions",
                                            "/v1/moderations",
                                            "/v1/images/generations",
                                            "/v1/audio/speech",
                                            "/v1/rerank",
                                            "/v1/files",
                                            "/v1/batches",
                                            "/v1/batches/b/cancel",
                                            "/v1/messages/batches",
                                            "/v1/models",
                                            "/health",
                                            "/metrics",
                                            "/",
                                            "/nothing"};
  for (const std::string_view path : paths) {
    for (const std::string_view method : {"POST", "PUT", "PATCH", "DELETE"}) {
      for (const std::string_view mark : {Evil, CrossSite, SameSite}) {
        const std::string whole = std::string(mark) + std::string(Json);
        EXPECT_EQ(told(request(method, path, whole, "{}")).status(), 403)
            << method << " " << path << " " << mark;
      }
    }
    EXPECT_EQ(told(request("POST", path, CrossSite)).status(), 403) << path << ", without a body";
  }
  EXPECT_EQ(upstream_.connections(), 0);
}

TEST_F(ForeignPage, MayNotHaveAProviderAskedByReadingEither) {
  for (const std::string_view path :
       {"/v1/models", "/v1/models/m", "/v1/models?refresh=true", "/top-models", "/test-connection",
        "/v1/files", "/v1/files/f/content", "/v1/batches/b", "/v1/messages/batches",
        "/v1/audio/voices"}) {
    EXPECT_EQ(told(get(path, CrossSite)).status(), 403) << path;
    EXPECT_EQ(told(get(path, SameSite)).status(), 403) << path;
  }
  EXPECT_EQ(upstream_.connections(), 0);
}

TEST_F(ForeignPage, IsGivenNothingThatItCouldRead) {
  for (const std::string_view path : {"/health", "/v1/aliases", "/profiles", "/", "/v1/facts"}) {
    const Message answer = told(get(path, std::string(Evil) + std::string(CrossSite)));

    EXPECT_EQ(answer.status(), 200) << path;
    EXPECT_EQ(answer.head.find("access-control"), std::string::npos) << path;
  }
  const Message preflight = told(request(
      "OPTIONS", "/v1/messages", std::string(Evil) + "access-control-request-method: POST\r\n"));
  EXPECT_EQ(preflight.status(), 403);
  EXPECT_EQ(preflight.head.find("access-control"), std::string::npos);
}

TEST_F(ForeignPage, IsRefusedBeforeItsBodyIsRead) {
  auto client = gateway_.client();

  client.send(request("POST", "/v1/messages",
                      std::string(CrossSite) + std::string(Json) + "content-length: 100000\r\n"));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 403);
  EXPECT_EQ(answer.field("connection"), "close");
}

TEST_F(ForeignPage, IsInTheListsAsRejected) {
  told(request("POST", "/v1/messages", std::string(Evil) + std::string(Json), "{}"));

  const Ended ended = gateway_.sink.wait_for<Ended>(1).at(0);
  EXPECT_EQ(ended.outcome, Outcome::Rejected);
  EXPECT_EQ(ended.http_status, 403u);
  EXPECT_EQ(ended.error_type, "forbidden");
}

TEST_F(ForeignPage, IsKnownWhenAConnectionRepeatsItsHead) {
  auto client = gateway_.client();
  for (int i = 0; i < 3; ++i) {
    client.send(post("/v1/messages", AnthropicRequest, "sec-fetch-site: same-origin\r\n"));
    EXPECT_EQ(client.read_message().status(), 200);
  }

  client.send(post("/v1/messages", AnthropicRequest, "sec-fetch-site: cross-origin\r\n"));

  EXPECT_EQ(client.read_message().status(), 403);
  EXPECT_EQ(asked_, 3);
}

struct Typed {
  std::string_view path;
  std::string_view type;
};

TEST_F(ForeignPage, NeedsAskingFirstForWhatIsTaken) {
  // What a browser sends to anybody unasked, and what it calls JSON in none of the known ways.
  for (const auto& [path, type] :
       std::vector<Typed>{{"/v1/messages", "text/plain"},
                          {"/v1/messages", "application/x-www-form-urlencoded"},
                          {"/v1/messages", "multipart/form-data; boundary=b"},
                          {"/v1/messages", "text/plain; x=application/json"},
                          {"/v1/messages", "application/jsonx"},
                          {"/v1/messages", "application/json5"},
                          {"/v1/messages", "application/+json"},
                          {"/v1/messages", "text/json"},
                          {"/v1/messages", ""},
                          {"/v1/messages/count_tokens", "text/plain"},
                          {"/v1/chat/completions", "multipart/form-data; boundary=b"},
                          {"/v1/embeddings", "text/plain"},
                          {"/v1/embeddings", "multipart/form-data; boundary=b"},
                          {"/v1/images/edits", "text/plain"},
                          {"/v1/audio/speech", "application/x-www-form-urlencoded"},
                          {"/v1/files", "text/plain"},
                          {"/v1/batches", "multipart/form-data; boundary=b"},
                          {"/v1/batches/b/cancel", "text/plain"},
                          {"/v1/messages/batches", "text/plain"}}) {
    const std::string field = "content-type: " + std::string(type) + "\r\n";
    const Message answer = told(request("POST", path, field, AnthropicRequest));

    EXPECT_EQ(answer.status(), 415) << path << " " << type;
    EXPECT_NE(answer.body.find("Content-Type: expected application/json"), std::string::npos);
  }
  EXPECT_EQ(told(request("POST", "/v1/messages", "", AnthropicRequest)).status(), 415);
  EXPECT_EQ(told(request("POST", "/v1/messages", "")).status(), 415);
  EXPECT_EQ(told(request("POST", "/v1/embeddings", "", "{}")).status(), 415);
  EXPECT_EQ(
      told(request("POST", "/v1/batches/b/cancel", "transfer-encoding: chunked\r\n")).status(),
      415);
  EXPECT_EQ(upstream_.connections(), 0);
}

TEST_F(ForeignPage, IsTheOnlyOneWhoNeeds) {
  const auto sent = [this](std::string_view path, std::string_view type) {
    return told(request("POST", path, "content-type: " + std::string(type) + "\r\n",
                        AnthropicRequest))
        .status();
  };

  EXPECT_EQ(sent("/v1/messages", "application/json"), 200);
  EXPECT_EQ(sent("/v1/messages", "Application/JSON ; charset=utf-8"), 200);
  EXPECT_EQ(sent("/v1/messages", "application/json;charset=utf-8"), 200);
  EXPECT_EQ(sent("/v1/messages", "application/vnd.api+json"), 200);
  EXPECT_EQ(sent("/v1/messages/count_tokens", "application/json"), 200);
}

TEST_F(ForeignPage, IsToldByCurlsOwnType) {
  const Message answer =
      told(request("POST", "/v1/chat/completions",
                   "content-type: application/x-www-form-urlencoded\r\n", OpenAiRequest));

  EXPECT_EQ(answer.status(), 415);
  EXPECT_NE(answer.body.find("got 'application/x-www-form-urlencoded', which curl -d sends unless "
                             "told: -H 'content-type: application/json'"),
            std::string::npos)
      << answer.body;
}

TEST_F(ForeignPage, IsNotWhoSendsAFileOrNothing) {
  const std::string form =
      "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nopen:m\r\n--b--\r\n";
  for (const std::string_view path :
       {"/v1/files", "/v1/audio/transcriptions", "/v1/images/edits"}) {
    EXPECT_EQ(told(request("POST", path,
                           "x-vandamme-provider: open\r\n"
                           "content-type: multipart/form-data; boundary=b\r\n",
                           form))
                  .status(),
              200)
        << path;
  }
  for (const std::string_view method : {"POST", "DELETE", "GET"}) {
    const std::string fields = "x-vandamme-provider: open\r\n";
    EXPECT_EQ(told(request(method, method == "DELETE" ? "/v1/files/f" : "/v1/batches/b", fields))
                  .status(),
              200)
        << method << ", without a body";
  }
}

}  // namespace
}  // namespace vdm::proxy::foreign_page_test
