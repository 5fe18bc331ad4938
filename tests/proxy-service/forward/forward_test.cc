#include "proxy-service/forward/forward.h"

#include "tests/proxy-service/forward/forwarding.h"

// What is passed on of a request and of its answer, and what is recorded of it.

namespace vdm::proxy::forward_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::SteppedUpstream;
using fakes::whole_answer;

TEST_F(Forwarding, ReplacesTheModelsNameAndCountsTheUsage) {
  SteppedUpstream upstream({{whole_answer(200, Embedded)}});
  in_front_of(upstream.port()).start();

  const Message answer =
      told(post("/v1/embeddings?a=1&b", R"({"input":"x","model":"open:embed-1"})",
                "x-vandamme-provider: anth\r\nopenai-project: p\r\n"));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, Embedded);
  EXPECT_EQ(answer.field("x-vandamme-provider"), "open");
  EXPECT_EQ(answer.field("x-vandamme-model"), "embed-1");
  ASSERT_EQ(upstream.asked().size(), 1u);
  const Message asked = upstream.asked()[0];
  EXPECT_EQ(asked.first_line(), "POST /v1/embeddings?a=1&b HTTP/1.1");
  EXPECT_EQ(asked.body, R"({"input":"x","model":"embed-1"})");
  EXPECT_EQ(asked.field("authorization"), "Bearer sk-provider-key-0123456789");
  EXPECT_EQ(asked.field("content-type"), "application/json");
  EXPECT_EQ(asked.field("openai-project"), "p");
  EXPECT_FALSE(asked.field("x-vandamme-provider"));
  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::Ok);
  EXPECT_EQ(ended.facts->kind, "embeddings");
  EXPECT_EQ(ended.facts->provider, "open");
  EXPECT_EQ(ended.facts->requested_model, "open:embed-1");
  EXPECT_EQ(ended.facts->resolved_model, "embed-1");
  EXPECT_EQ(ended.facts->credential, Credential::Key);
  EXPECT_EQ(ended.usage.input_tokens, 8u);
  EXPECT_TRUE(ended.answered_as_asked);
  EXPECT_EQ(ended.response_bytes, Embedded.size());
}

struct RouteCase {
  std::string method;
  std::string path;
  std::string kind;
  std::string fields = {};
};

TEST_F(Forwarding, HasEveryRouteWithTheMethodsOfTheRealOnes) {
  SteppedUpstream upstream({{whole_answer(200, "{}")}});
  in_front_of(upstream.port()).start();
  const std::string anthropic = "x-vandamme-provider: anth\r\n";
  const std::string version = anthropic + "anthropic-version: 2023-06-01\r\n";
  const std::vector<RouteCase> cases{
      {"POST", "/v1/embeddings", "embeddings"},
      {"POST", "/v1/completions", "completions"},
      {"POST", "/v1/moderations", "moderations"},
      {"POST", "/v1/images/generations", "images"},
      {"POST", "/v1/images/edits", "images"},
      {"POST", "/v1/audio/speech", "audio"},
      {"POST", "/v1/audio/transcriptions", "audio"},
      {"GET", "/v1/audio/voices", "audio"},
      {"POST", "/v1/rerank", "rerank"},
      {"POST", "/v1/files", "files"},
      {"GET", "/v1/files?purpose=batch", "files"},
      {"GET", "/v1/files/file-1", "files"},
      {"GET", "/v1/files/file-1/content", "files"},
      {"DELETE", "/v1/files/file-1", "files"},
      {"POST", "/v1/batches", "batches"},
      {"GET", "/v1/batches?after=b&limit=2", "batches"},
      {"POST", "/v1/batches/b-1/cancel", "batches"},
      {"POST", "/v1/messages/batches", "message_batches", anthropic},
      {"GET", "/v1/messages/batches/b/results", "message_batches", anthropic},
      {"DELETE", "/v1/messages/batches/b", "message_batches", anthropic},
      {"GET", "/v1/files/file-1", "files", version},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& [method, path, kind, fields] = cases[i];
    const std::string body = method == "POST" ? "{}" : "";

    const Message answer = told(request_of(method, path, fields, body));

    EXPECT_EQ(answer.status(), 200) << path;
    ASSERT_EQ(upstream.asked().size(), i + 1) << path;
    const Message asked = upstream.asked()[i];
    EXPECT_EQ(asked.first_line(), method + " " + path + " HTTP/1.1");
    EXPECT_EQ(asked.body, body);
    EXPECT_EQ(asked.field("x-api-key").has_value(), !fields.empty()) << path;
    const auto all = gateway_->sink.wait_for<Ended>(i + 1);
    ASSERT_EQ(all.size(), i + 1);
    EXPECT_EQ(all[i].facts->kind, kind) << path;
    EXPECT_EQ(gateway_->sink.all<Started>()[i].facts->kind, kind);
  }
}

TEST_F(Forwarding, RefusesOtherMethodsAndPathsThatLeadOut) {
  FakeUpstream upstream([](Peer&, int) {});
  in_front_of(upstream.port()).start();

  const Message embeddings = told(get("/v1/embeddings"));
  EXPECT_EQ(embeddings.status(), 405);
  EXPECT_EQ(embeddings.field("allow"), "POST");
  EXPECT_EQ(told(request_of("DELETE", "/v1/batches/b")).field("allow"), "GET, POST");
  EXPECT_EQ(told(request_of("PUT", "/v1/files/f")).field("allow"), "GET, POST, DELETE");
  EXPECT_EQ(told(request_of("POST", "/v1/images", "", "{}")).status(), 404);
  EXPECT_EQ(told(get("/v1/filesystem")).status(), 404);
  for (const std::string_view path :
       {"/v1/files/../models", "/v1/files/%2e%2e/organization", "/v1/files/a%2F..%2Fb",
        "/v1/files/..%5cx", "/v1/files/.", "/v1/files/%zz"}) {
    EXPECT_EQ(told(get(path)).status(), 400) << path;
  }
  EXPECT_EQ(upstream.connections(), 0);
}

TEST_F(Forwarding, ReplacesTheModelInAForm) {
  SteppedUpstream upstream({{whole_answer(200, R"({"text":"hi"})")}});
  in_front_of(upstream.port()).start();

  told(request_of("POST", "/v1/audio/transcriptions", FormType,
                  form("\r\n--b0x", model_part("open:whisper-1"))));

  ASSERT_EQ(upstream.asked().size(), 1u);
  EXPECT_EQ(upstream.asked()[0].body, form("\r\n--b0x", model_part("whisper-1")));
  EXPECT_EQ(upstream.asked()[0].field("content-type"), "multipart/form-data; boundary=b0");
  EXPECT_EQ(ended().facts->resolved_model, "whisper-1");
}

TEST_F(Forwarding, FollowsAnAliasToATargetOfTheRoutesDialect) {
  SteppedUpstream upstream({{whole_answer(200, Embedded)}});
  in_front_of(upstream.port());
  gateway_->config.aliases.aliases.push_back(
      {.key = "aliases.e", .name = "e", .targets = {{"anth:none"}}, .fallback = {"open:embed-1"}});
  gateway_->start();

  const Message answer = told(post("/v1/embeddings", R"({"model":"e"})"));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(upstream.asked().at(0).body, R"({"model":"embed-1"})");
}

TEST_F(Forwarding, SaysSoWhereTheProviderIsOfTheOtherDialect) {
  FakeUpstream upstream([](Peer&, int) {});
  in_front_of(upstream.port()).start();

  const Message named = told(post("/v1/embeddings", R"({"model":"anth:claude-x"})"));
  const Message other = told(post("/v1/messages/batches", R"({"requests":[]})"));

  EXPECT_EQ(named.status(), 400);
  EXPECT_NE(
      named.body.find("provider 'anth' has no /v1/embeddings: it is of the Anthropic dialect"),
      std::string::npos)
      << named.body;
  EXPECT_NE(named.body.find(R"("type":"invalid_request_error")"), std::string::npos);
  EXPECT_EQ(other.status(), 400);
  EXPECT_NE(other.body.find("provider 'open' has no /v1/messages/batches"), std::string::npos);
  EXPECT_NE(other.body.find(R"("type":"error")"), std::string::npos);
  const auto all = gateway_->sink.wait_for<Ended>(2);
  ASSERT_EQ(all.size(), 2u);
  for (const Ended& ended : all) EXPECT_EQ(ended.outcome, Outcome::Rejected);
}

TEST_F(Forwarding, AnswersWith404WhereTheNamedProviderIsNone) {
  FakeUpstream upstream([](Peer&, int) {});
  in_front_of(upstream.port()).start();

  const Message unknown = told(get("/v1/files", "x-vandamme-provider: opem\r\n"));
  const Message absent = told(get("/v1/files", "x-vandamme-provider: mistral\r\n"));
  EXPECT_EQ(upstream.connections(), 0);
  const Message model = told(post("/v1/embeddings", R"({"model":"mistral:e"})"));

  EXPECT_EQ(unknown.status(), 404);
  EXPECT_NE(unknown.body.find("no provider is called 'opem'; name one of anth, open"),
            std::string::npos)
      << unknown.body;
  EXPECT_NE(unknown.body.find("did you mean open?"), std::string::npos) << unknown.body;
  EXPECT_EQ(absent.status(), 404);
  EXPECT_NE(absent.body.find("provider mistral has no key: set MISTRAL_API_KEY"),
            std::string::npos);
  EXPECT_EQ(model.status(), 404);
}

TEST_F(Forwarding, AsksForAKeyAndRecordsWhoHadNone) {
  FakeUpstream upstream([](Peer&, int) {});
  in_front_of(upstream.port()).config.access.proxy_api_key = Secret("gateway-key");
  gateway_->start();

  const Message answer = told(get("/v1/files"));

  EXPECT_EQ(answer.status(), 401);
  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::Rejected);
  EXPECT_EQ(ended.facts->kind, "files");
}

TEST_F(Forwarding, RefusesAModelThatStandsThereTwice) {
  FakeUpstream upstream([](Peer&, int) {});
  in_front_of(upstream.port()).start();

  const Message answer = told(post("/v1/embeddings", R"({"model":"open:a","model":"open:b"})"));

  EXPECT_EQ(answer.status(), 400);
  EXPECT_NE(answer.body.find("model: expected once, found twice"), std::string::npos);
  EXPECT_EQ(ended().facts->kind, "embeddings");
  EXPECT_EQ(upstream.connections(), 0);
}

TEST_F(Forwarding, PassesOnAnswersOfAnyKindByteForByte) {
  const std::string audio("\0\xff\r\n0\r\n\r\n", 9);
  SteppedUpstream upstream(
      {{whole_answer(200, audio, "audio/mpeg", "x-request-id: r-1\r\nset-cookie: a=b\r\n")},
       {"HTTP/1.1 204 No Content\r\n\r\n"},
       {"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"},
       {"HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\n\r\n"}});
  in_front_of(upstream.port()).start();

  const Message speech = told(post("/v1/audio/speech", R"({"model":"open:tts"})"));
  const Message gone = told(request_of("DELETE", "/v1/files/f"));
  const Message empty = told(get("/v1/files/f/content"));
  const Message same = told(get("/v1/files/f/content", "if-none-match: \"a\"\r\n"));

  EXPECT_EQ(speech.body, audio);
  EXPECT_EQ(speech.field("content-type"), "audio/mpeg");
  EXPECT_EQ(speech.field("x-upstream-request-id"), "r-1");
  EXPECT_FALSE(speech.field("set-cookie"));
  EXPECT_EQ(gone.status(), 204);
  EXPECT_FALSE(gone.field("content-length"));
  EXPECT_FALSE(gone.field("x-vandamme-model")) << "none was asked for";
  EXPECT_EQ(gone.field("x-vandamme-provider"), "open");
  EXPECT_EQ(empty.status(), 200);
  EXPECT_EQ(empty.field("content-length"), "0");
  EXPECT_EQ(same.status(), 304);
  EXPECT_EQ(same.field("etag"), "\"a\"");
  for (const Ended& ended : gateway_->sink.wait_for<Ended>(4)) {
    EXPECT_EQ(ended.outcome, Outcome::Ok);
  }
}

TEST_F(Forwarding, PassesAStreamOnAsItComesAndCountsItsUsage) {
  const std::string first = "data: {\"choices\":[{\"text\":\"Hi\"}],\"usage\":null}\n\n";
  const std::string last =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n"
      "data: [DONE]\n\n";
  std::promise<void> go_on;
  FakeUpstream upstream([&](Peer& peer, int) {
    peer.read_message();
    peer.send(fakes::stream_head() + fakes::chunk(first));
    go_on.get_future().wait();
    peer.send(fakes::chunk(last) + "0\r\n\r\n");
  });
  in_front_of(upstream.port()).start();
  auto client = gateway_->client();

  client.send(post("/v1/completions", R"({"model":"open:davinci","stream":true})"));
  std::string seen;
  while (seen.find("\"Hi\"") == std::string::npos) seen += client.read_some();
  go_on.set_value();
  while (seen.find("\r\n0\r\n\r\n") == std::string::npos) seen += client.read_some();

  EXPECT_NE(seen.find(first), std::string::npos);
  EXPECT_NE(seen.find(last), std::string::npos);
  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::Ok);
  EXPECT_TRUE(ended.facts->streaming);
  EXPECT_TRUE(ended.ttft.has_value());
  EXPECT_EQ(ended.usage.input_tokens, 9u);
  EXPECT_EQ(ended.usage.output_tokens, 4u);
}

TEST_F(Forwarding, DoesNotCountTheUsageOfABatchEachTimeItIsAskedFor) {
  SteppedUpstream upstream(
      {{whole_answer(200, R"({"id":"b","usage":{"input_tokens":5,"output_tokens":6}})")}});
  in_front_of(upstream.port()).start();

  told(get("/v1/batches/b"));

  EXPECT_EQ(ended().usage, Usage{});
}

TEST_F(Forwarding, TellsTheProvidersErrorInItsOwnBytesAndNoTextOfTheRequestInTheReport) {
  const std::string error = R"({"error":{"message":"bad word: flibbertigibbet","type":"invalid"}})";
  SteppedUpstream upstream({{whole_answer(400, error)}});
  in_front_of(upstream.port()).start();

  const Message json =
      told(post("/v1/embeddings", R"({"model":"open:e","input":"flibbertigibbet"})"));
  const Message parts = told(request_of("POST", "/v1/audio/transcriptions", FormType,
                                        form("flibbertigibbet", model_part("open:w"))));

  EXPECT_EQ(json.status(), 400);
  EXPECT_EQ(json.body, error);
  EXPECT_EQ(parts.body, error);
  for (const Ended& ended : gateway_->sink.wait_for<Ended>(2)) {
    EXPECT_EQ(ended.outcome, Outcome::UpstreamError);
    EXPECT_EQ(ended.error_message.find("flibber"), std::string::npos) << ended.error_message;
  }
}

TEST_F(Forwarding, DoesNotFollowARedirect) {
  SteppedUpstream upstream({{whole_answer(302, "", "text/plain", "location: http://other/\r\n")}});
  in_front_of(upstream.port()).start();

  const Message answer = told(get("/v1/files/f/content"));

  EXPECT_EQ(answer.status(), 502);
  EXPECT_FALSE(answer.field("location"));
}

TEST_F(Forwarding, ServesTheNextRequestsOfTheConnection) {
  SteppedUpstream upstream({{whole_answer(200, Embedded)}});
  in_front_of(upstream.port()).start();
  auto client = gateway_->client();

  for (int i = 0; i < 4; ++i) {
    client.send(
        post("/v1/embeddings", R"({"model":"open:embed-1","n":)" + std::to_string(i) + "}"));
    EXPECT_EQ(client.read_message().body, Embedded);
    client.send(get("/v1/files/f"));
    EXPECT_EQ(client.read_message().status(), 200);
  }

  EXPECT_EQ(upstream.asked().size(), 8u);
  EXPECT_EQ(upstream.connections(), 1);
}

}  // namespace
}  // namespace vdm::proxy::forward_test
