#include "proxy-service/catalog/top_models.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace vdm::proxy::top_models_test {
namespace {

namespace json = boost::json;

constexpr std::string_view Catalogue = R"({"data":[
  {"id":"acme/large","name":"Large","context_length":200000,
   "pricing":{"prompt":"0.000003","completion":"0.000015"},
   "architecture":{"input_modalities":["text","image"]},"tags":["chat"]},
  {"id":"acme/small","context_length":1000000,
   "pricing":{"prompt":"0.0000001","completion":"0.0000003"}},
  {"id":"zeta","pricing":{"prompt":"-1","completion":"what"}},
  "no model", {"name":"no id"}]})";

json::object top_of(std::vector<ProviderModels> lists, const TopModelsWanted& wanted = {}) {
  return json::parse(top_models(lists, wanted, SystemTime(std::chrono::hours(24)))).as_object();
}

ProviderModels list(std::string provider, std::string_view body, bool stale = false) {
  ModelCopy copy{std::string(body), SystemTime(std::chrono::hours(1))};
  return {std::move(provider), std::make_shared<const ModelCopy>(std::move(copy)), stale};
}

TEST(TopModels, SayWhatTheListSaysOfPricesAndLimits) {
  const json::object top = top_of({list("router", Catalogue)});

  ASSERT_EQ(top.at("models").as_array().size(), 3u);
  EXPECT_EQ(top.at("models").at(0), json::parse(R"({"id":"acme/large","name":"Large",
    "provider":"router","sub_provider":"acme","context_window":200000,
    "capabilities":["chat","image","text"],
    "pricing":{"input_per_million":3.0,"output_per_million":15.0,"average_per_million":9.0}})"));
  EXPECT_EQ(top.at("models").at(2), json::parse(R"({"id":"zeta","name":null,"provider":"router",
    "sub_provider":null,"context_window":null,"capabilities":[],"pricing":{}})"));
}

TEST(TopModels, SuggestTheFirstTheCheapestAndTheLongest) {
  const json::object top =
      top_of({list("plain", R"([{"id":"first"}])"), list("router", Catalogue)});

  EXPECT_EQ(top.at("suggested_aliases"), json::parse(R"({"top":"plain:first",
    "top-cheap":"router:acme/small","top-longctx":"router:acme/small"})"));
}

TEST(TopModels, AreNoMoreThanWanted) {
  const json::object top = top_of({list("router", Catalogue)}, {.limit = 1});

  EXPECT_EQ(top.at("models").as_array().size(), 1u);
  EXPECT_EQ(top.at("suggested_aliases").at("top-longctx"), "router:acme/large");
}

TEST(TopModels, SayHowOldTheyAre) {
  const json::object top =
      top_of({list("router", Catalogue, true), list("broken", "<html>")}, {.cache_info = true});

  EXPECT_EQ(top.at("stale"), true);
  EXPECT_EQ(top.at("last_updated"), "1970-01-01T01:00:00.000+00:00");
  EXPECT_EQ(top.at("meta").at("lists").at(0).at("stale"), true);
}

TEST(TopModels, AreAskedForWithinLimits) {
  EXPECT_EQ(top_models_wanted("")->limit, 10u);
  EXPECT_EQ(top_models_wanted("limit=50&provider=a%20b&refresh=true")->provider, "a b");
  EXPECT_FALSE(top_models_wanted("limit=0"));
  EXPECT_FALSE(top_models_wanted("limit=many"));
}

}  // namespace
}  // namespace vdm::proxy::top_models_test
