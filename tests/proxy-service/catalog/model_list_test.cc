#include "proxy-service/catalog/model_list.h"

#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::model_list_test {
namespace {

constexpr std::string_view OpenAiList =
    R"({"object":"list","data":[{"id":"a","object":"model","created":5,"extra":true},{"id":"b"}]})";

TEST(ModelList, KeepsAnOpenAiListAsItIs) {
  EXPECT_EQ(*model_list(OpenAiList, ModelFormat::OpenAi), OpenAiList);
}

TEST(ModelList, IsWrittenAnewForAnAnthropicClient) {
  EXPECT_EQ(
      *model_list(OpenAiList, ModelFormat::Anthropic),
      R"({"data":[{"id":"a","type":"model","display_name":"a","created_at":"1970-01-01T00:00:05Z"},{"id":"b","type":"model","display_name":"b","created_at":"1970-01-01T00:00:00Z"}],"first_id":"a","last_id":"b","has_more":false})");
}

TEST(ModelList, SaysSinceWhenAsADateAndTime) {
  const auto created_at = [](std::string_view model) {
    const auto list =
        model_list(std::string("[").append(model).append("]"), ModelFormat::Anthropic);
    const std::size_t at = list->find("created_at") + 13;
    return list->substr(at, list->find('"', at) - at);
  };

  EXPECT_EQ(created_at(R"({"id":"a","created":1763769600})"), "2025-11-22T00:00:00Z");
  EXPECT_EQ(created_at(R"({"id":"a","created_at":"2025-09-29T00:00:00Z"})"),
            "2025-09-29T00:00:00Z");
  for (const std::string_view unknown :
       {R"({"id":"a","created":0})", R"({"id":"a","created":-5})", R"({"id":"a","created":1e30})",
        R"({"id":"a","created":"yesterday"})", R"({"id":"a","created":null})"}) {
    EXPECT_EQ(created_at(unknown), "1970-01-01T00:00:00Z") << unknown;
  }
}

TEST(ModelList, WrapsABareList) {
  EXPECT_EQ(*model_list(R"([{"id":"a"}])", ModelFormat::OpenAi),
            R"({"object":"list","data":[{"id":"a"}]})");
}

TEST(ModelList, IsRefusedWhenItIsNotJson) {
  EXPECT_EQ(model_list("<html>", ModelFormat::Raw).error().kind, ErrorKind::UpstreamRejected);
}

TEST(ModelFormat, IsAskedForOrTheClientsOwn) {
  EXPECT_EQ(*model_format("raw", Dialect::OpenAi), ModelFormat::Raw);
  EXPECT_EQ(*model_format("", Dialect::Anthropic), ModelFormat::Anthropic);
  EXPECT_FALSE(model_format("yaml", Dialect::OpenAi));
}

TEST(QueryValue, IsDecoded) {
  EXPECT_EQ(query_value("a=1&provider=my%20one+b&c", "provider"), "my one b");
  EXPECT_EQ(query_value("provider=%zz%2", "provider"), "%zz%2");
  EXPECT_EQ(query_value("xprovider=1", "provider"), "");
  EXPECT_EQ(query_value("c", "c"), "");
}

TEST(ModelCatalog, AsksTheProviderOnceForAWhile) {
  std::vector<fakes::Message> asked;
  fakes::FakeUpstream upstream(
      fakes::FakeUpstream::always(fakes::whole_answer(200, OpenAiList), &asked));
  RunningGateway gateway(upstream.port());
  auto client = gateway.on_one_thread().start().client();

  for (int i = 0; i < 2; ++i) {
    client.send(get("/v1/models?provider=open"));
    EXPECT_EQ(client.read_message().body, OpenAiList);
  }
  client.send(get("/v1/models?provider=open&refresh=true"));
  client.read_message();

  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].first_line(), "GET /v1/models HTTP/1.1");
  EXPECT_EQ(asked[0].field("authorization"), "Bearer sk-provider-key-0123456789");
}

TEST(ModelCatalog, SaysWhatIsWrong) {
  fakes::FakeUpstream upstream(fakes::FakeUpstream::always(fakes::whole_answer(500, "{}")));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  const auto status = [&client](std::string_view target) {
    client.send(get(target));
    return client.read_message().status();
  };

  EXPECT_EQ(status("/v1/models?provider=nobody"), 404);
  EXPECT_EQ(status("/v1/models?format=yaml"), 400);
  EXPECT_EQ(status("/v1/models?provider=open"), 502);
}

}  // namespace
}  // namespace vdm::proxy::model_list_test
