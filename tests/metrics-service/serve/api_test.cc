#include "metrics-service/serve/api.h"

#include <gtest/gtest.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include "tests/metrics-service/serve/served_api.h"

namespace vdm::metrics::api_test {
namespace {

using namespace scenario;
namespace json = boost::json;

json::object parsed(const std::string& text) {
  boost::system::error_code fault;
  json::value value = json::parse(text, fault);
  return !fault && value.is_object() ? value.get_object() : json::object{};
}
std::vector<std::string> keys_of(const json::value& object) {
  std::vector<std::string> keys;
  for (const auto& member : object.as_object()) keys.emplace_back(member.key());
  return keys;
}
std::vector<std::string> first(std::vector<std::string> keys, std::size_t count) {
  keys.resize(std::min(count, keys.size()));
  return keys;
}

ServedApi::Options guarded() {
  ServedApi::Options options;
  options.keys.keys = one_key("right-key");
  return options;
}
constexpr std::string_view RightKey = "x-api-key: right-key\r\n";
constexpr std::string_view Json = "Content-Type: application/json\r\n";

TEST(Api, GivesActiveRowsTheCompatibleMembersInTheirOrder) {
  ServedApi served;
  served.report(1, {started("a"), progress("a", 500, 3)});

  const auto answer = served.get("/metrics/active-requests");

  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer["Cache-Control"], "no-cache");
  const auto body = parsed(answer.body());
  EXPECT_EQ(keys_of(body), (std::vector<std::string>{"disabled", "active_requests"}));
  const auto& row = body.at("active_requests").as_array().at(0);
  EXPECT_EQ(first(keys_of(row), 18),
            (std::vector<std::string>{
                "request_id", "provider", "model", "requested_model", "resolved_model",
                "qualified_model", "is_streaming", "start_time", "duration_ms", "input_tokens",
                "output_tokens", "cache_read_tokens", "cache_creation_tokens", "tool_uses",
                "tool_results", "tool_calls", "request_size", "message_count"}));
  const auto& members = row.as_object();
  EXPECT_EQ(members.at("model").as_string(), "m");
  EXPECT_EQ(members.at("qualified_model").as_string(), "p:m");
  EXPECT_TRUE(members.at("start_time").is_number());
  EXPECT_TRUE(members.at("duration_ms").is_int64());
  EXPECT_EQ(members.at("output_tokens").as_int64(), 3);
  for (const char* more : {"proxy", "phase", "ttft_ms", "tokens_per_second", "idle_ms", "attempt",
                           "session", "agent", "client", "stale", "estimated", "trace_id"}) {
    EXPECT_TRUE(members.contains(more)) << more;
  }
}

TEST(Api, SortsActiveRowsNewestFirst) {
  ServedApi served;
  served.report(1, {Started{facts("old", "m", "p", 0)}, Started{facts("new", "m", "p", 9)},
                    Started{facts("middle", "m", "p", 5)}});

  const auto body = parsed(served.get("/metrics/active-requests").body());

  const auto& rows = body.at("active_requests").as_array();
  EXPECT_EQ(rows.at(0).as_object().at("request_id").as_string(), "new");
  EXPECT_EQ(rows.at(2).as_object().at("request_id").as_string(), "old");
}

TEST(Api, GivesTracesTheCompatibleMembersInTheirOrder) {
  ServedApi served;
  served.report(1, {ended("a"), ended("b", Outcome::Timeout)});

  const auto body = parsed(served.get("/metrics/logs").body());

  EXPECT_EQ(keys_of(body), (std::vector<std::string>{"systemd", "errors", "traces"}));
  ASSERT_EQ(body.at("traces").as_array().size(), 2u);
  ASSERT_EQ(body.at("errors").as_array().size(), 1u);
  const auto& trace = body.at("traces").as_array().at(0);
  EXPECT_EQ(
      first(keys_of(trace), 17),
      (std::vector<std::string>{"seq", "ts", "request_id", "provider", "model", "is_streaming",
                                "duration_ms", "input_tokens", "output_tokens", "cache_read_tokens",
                                "cache_creation_tokens", "tool_use_count", "tool_call_count",
                                "tool_result_count", "status", "error", "error_type"}));
  const auto& error = body.at("errors").as_array().at(0).as_object();
  EXPECT_EQ(error.at("request_id").as_string(), "b");
  EXPECT_EQ(error.at("seq").as_int64(), 1);
  EXPECT_EQ(error.at("status").as_string(), "error");
  EXPECT_EQ(error.at("error_type").as_string(), "timeout");
  EXPECT_EQ(error.at("outcome").as_string(), "timeout");
  EXPECT_TRUE(body.at("traces").as_array().at(1).as_object().at("error").is_null());
}

TEST(Api, SaysWhichModelAnswersOfARequestThatRunsAndOfOneThatEnded) {
  ServedApi served;
  Progressed answering = progress("a", 500, 5);
  answering.other_model = "m-lite";
  Ended other = end_of(facts("b"));
  set_answered_model(other, "m-lite");
  other.model_mismatch = true;
  Ended as_asked = end_of(facts("c"));
  set_answered_model(as_asked, "m");
  served.report(1, {started("a"), answering, other, as_asked, ended("d")});

  const auto active = parsed(served.get("/metrics/active-requests").body());
  const auto& running = active.at("active_requests").as_array().at(0).as_object();
  EXPECT_EQ(running.at("answered_model").as_string(), "m-lite");
  EXPECT_TRUE(running.at("model_mismatch").as_bool());

  const auto logs = parsed(served.get("/metrics/logs").body());
  const auto& traces = logs.at("traces").as_array();
  EXPECT_TRUE(traces.at(0).as_object().at("answered_model").is_null());
  EXPECT_EQ(traces.at(1).as_object().at("answered_model").as_string(), "m");
  EXPECT_FALSE(traces.at(1).as_object().at("model_mismatch").as_bool());
  EXPECT_EQ(traces.at(2).as_object().at("answered_model").as_string(), "m-lite");
  EXPECT_TRUE(traces.at(2).as_object().at("model_mismatch").as_bool());
  const auto totals = parsed(served.get("/metrics/running-totals").body());
  EXPECT_EQ(totals.at("summary").as_object().at("total_model_mismatches").as_int64(), 2);
}

TEST(Api, SaysWhatWasAskedForAndWhatTheProviderWasShown) {
  ServedApi served;
  auto paid = std::make_shared<RequestFacts>(*facts("a"));
  paid->kind = "embeddings";
  paid->credential = Credential::Subscription;
  served.report(1, {end_of(paid), ended("b")});

  const auto logs = parsed(served.get("/metrics/logs").body());
  const auto& traces = logs.at("traces").as_array();
  EXPECT_EQ(traces.at(0).as_object().at("kind").as_string(), "completion");
  EXPECT_TRUE(traces.at(0).as_object().at("credential").is_null());
  EXPECT_EQ(traces.at(1).as_object().at("kind").as_string(), "embeddings");
  EXPECT_EQ(traces.at(1).as_object().at("credential").as_string(), "subscription");
}

TEST(Api, ListsRequestsOfOneOutcomeAlone) {
  ServedApi served;
  served.report(1, {ended("a", Outcome::Rejected), ended("b"), ended("c", Outcome::Timeout),
                    ended("d", Outcome::Rejected), ended("e")});

  const auto rejected = parsed(served.get("/metrics/logs?outcome=rejected").body());
  ASSERT_EQ(rejected.at("traces").as_array().size(), 2u);
  ASSERT_EQ(rejected.at("errors").as_array().size(), 2u);
  EXPECT_EQ(rejected.at("traces").as_array().at(0).as_object().at("request_id").as_string(), "d");

  // Two newer ones ended otherwise: the limit counts what is listed.
  const auto last = parsed(served.get("/metrics/logs?outcome=ok&limit_traces=2").body());
  EXPECT_EQ(last.at("traces").as_array().size(), 2u);
  EXPECT_TRUE(last.at("errors").as_array().empty());
}

TEST(Api, GivesWhoPollsWhatTheFeedBeginsWith) {
  ServedApi::Options options;
  options.live.settings.cancel_allowed = true;
  ServedApi served(options);
  served.report(1, {started("a"), ended("a"), ended("b", Outcome::Timeout)});

  auto polled = parsed(served.get("/metrics/snapshot").body());
  auto streamed = parsed(FeedReader(served, "/metrics/stream").next().data);

  EXPECT_TRUE(polled.at("server_time").is_number());
  EXPECT_EQ(polled.at("proxies").as_array().size(), 1u);
  EXPECT_FALSE(polled.at("series").as_array().empty());
  EXPECT_TRUE(polled.at("settings").as_object().at("cancel_allowed").as_bool());
  for (auto* picture : {&polled, &streamed}) picture->erase("server_time");
  EXPECT_EQ(polled, streamed);
}

TEST(Api, AnswersWhoPollsThoughTheFeedsAreOff) {
  ServedApi::Options options;
  options.api.feeds_enabled = false;
  ServedApi served(options);
  served.report(1, {started("a")});

  const auto body = parsed(served.get("/metrics/snapshot").body());

  EXPECT_EQ(body.at("active").as_array().size(), 1u);
}

TEST(Api, LimitsLogsAndRefusesLimitsOutOfRange) {
  ServedApi served;
  served.report(1, {ended("a"), ended("b", Outcome::Timeout), ended("c", Outcome::Rejected)});

  const auto limited = parsed(served.get("/metrics/logs?limit_errors=1&limit_traces=2").body());
  EXPECT_EQ(limited.at("errors").as_array().size(), 1u);
  EXPECT_EQ(limited.at("traces").as_array().size(), 2u);
  const auto later = parsed(served.get("/metrics/logs?after=2").body());
  EXPECT_EQ(later.at("traces").as_array().size(), 1u);
  EXPECT_EQ(later.at("errors").as_array().size(), 1u);
  const auto errors = parsed(served.get("/metrics/logs?after_errors=1").body());
  EXPECT_EQ(errors.at("errors").as_array().size(), 1u);
  EXPECT_EQ(errors.at("traces").as_array().size(), 3u);

  for (const char* query :
       {"limit_errors=0", "limit_errors=1001", "limit_traces=2001", "limit_traces=x", "after=-1",
        "limit_errors=", "outcome=", "outcome=no_such"}) {
    const auto refused = served.get(std::string("/metrics/logs?") + query);
    EXPECT_EQ(refused.result_int(), 422u) << query;
    EXPECT_TRUE(parsed(refused.body()).at("detail").is_array()) << query;
  }
}

TEST(Api, AnswersWhatIsSwitchedOffWithHowToSwitchItOn) {
  ServedApi::Options options;
  options.api.metrics_enabled = false;
  ServedApi served(options);

  for (const char* path : {"/metrics/active-requests", "/metrics/running-totals", "/metrics/logs",
                           "/metrics/snapshot"}) {
    const auto answer = served.get(path);
    const auto body = parsed(answer.body());
    EXPECT_EQ(answer.result_int(), 200u) << path;
    EXPECT_TRUE(body.at("disabled").as_bool()) << path;
    EXPECT_NE(body.at("suggestion").as_string().find("LOG_REQUEST_METRICS=true"),
              json::string::npos);
  }
  EXPECT_TRUE(parsed(served.get("/metrics/active-requests").body())
                  .at("active_requests")
                  .as_array()
                  .empty());
  const auto yaml = served.get("/metrics/running-totals?format=yaml").body();
  EXPECT_NE(yaml.find("disabled: true\n"), std::string::npos);
  for (const char* path : {"/metrics/stream", "/metrics/active-requests/stream"}) {
    FeedReader reader(served, path);
    const SseEvent event = reader.next();
    EXPECT_EQ(event.name, "disabled") << path;
    EXPECT_TRUE(parsed(event.data).at("disabled").as_bool());
    EXPECT_TRUE(reader.next().data.empty()) << "and that was all";
  }
}

TEST(Api, SaysHowToGetLiveFeedsWhenTheyAloneAreOff) {
  ServedApi::Options options;
  options.api.feeds_enabled = false;
  ServedApi served(options);

  FeedReader reader(served, "/metrics/active-requests/stream");

  EXPECT_NE(reader.next().data.find("VDM_ACTIVE_REQUESTS_SSE_ENABLED=true"), std::string::npos);
  EXPECT_FALSE(parsed(served.get("/metrics/active-requests").body()).at("disabled").as_bool());
}

TEST(Api, LetsInWhoShowsTheKeyInEitherHeader) {
  ServedApi served(guarded());

  EXPECT_EQ(served.get("/metrics/logs", RightKey).result_int(), 200u);
  EXPECT_EQ(served.get("/metrics/logs", "Authorization: Bearer right-key\r\n").result_int(), 200u);
  for (const char* wrong : {"", "x-api-key: wrong\r\n", "Authorization: right-key\r\n",
                            "Authorization: bearer right-key\r\n", "x-api-key: right-key2\r\n"}) {
    EXPECT_EQ(served.get("/metrics/logs", wrong).result_int(), 401u) << wrong;
  }
  EXPECT_EQ(served.get("/metrics/logs?x-api-key=right-key&key=right-key").result_int(), 401u);
}

TEST(Api, GuardsEveryPathButHealthLoginAndThePage) {
  ServedApi served(guarded());

  for (const char* open : {"/health", "/health/ready", "/session", "/dashboard/"}) {
    EXPECT_EQ(served.get(open).result_int(), 200u) << open;
  }
  EXPECT_EQ(served.get("/").result_int(), 302u);
  for (const char* closed :
       {"/metrics", "/metrics/stream", "/metrics/active-requests",
        "/metrics/active-requests/stream", "/metrics/running-totals", "/metrics/logs",
        "/metrics/snapshot", "/nothing-here", "/dashboardx", "/health/x"}) {
    EXPECT_EQ(served.get(closed).result_int(), 401u) << closed;
  }
  EXPECT_EQ(served.post("/metrics/active-requests/a/cancel", "{}").result_int(), 401u);
}

TEST(Api, LogsInWithACookieAndOutAgain) {
  ServedApi served(guarded());
  EXPECT_EQ(served.post("/login", R"({"key":"wrong"})").result_int(), 401u);

  const auto login = served.post("/login", R"({"key":"right-key"})");

  EXPECT_EQ(login.result_int(), 204u);
  const std::string set(login["Set-Cookie"]);
  EXPECT_NE(set.find("; HttpOnly"), std::string::npos);
  EXPECT_NE(set.find("; SameSite=Strict"), std::string::npos);
  const std::string cookie = "Cookie: other=1; " + set.substr(0, set.find(';')) + "\r\n";
  EXPECT_EQ(served.get("/metrics/logs", cookie).result_int(), 200u);
  EXPECT_TRUE(parsed(served.get("/session", cookie).body()).at("authenticated").as_bool());
  EXPECT_FALSE(parsed(served.get("/session").body()).at("authenticated").as_bool());
  EXPECT_EQ(served.post("/logout", "{}", std::string(Json) + cookie).result_int(), 204u);
  EXPECT_EQ(served.get("/metrics/logs", cookie).result_int(), 401u);
}

/// The status that a login with this key gets from 127.0.0.2.
std::string login_from_elsewhere(std::uint16_t port, const std::string& key) {
  namespace net = boost::asio;
  net::io_context context;
  net::ip::tcp::socket socket(context, {net::ip::make_address_v4("127.0.0.2"), 0});
  socket.connect({net::ip::address_v4::loopback(), port});
  const std::string body = R"({"key":")" + key + R"("})";
  const std::string request =
      "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Connection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  net::write(socket, net::buffer(request));
  std::string answer;
  boost::system::error_code end;
  net::read(socket, net::dynamic_buffer(answer), end);
  return answer.substr(0, std::string("HTTP/1.1 204").size());
}

TEST(Api, LocksOutOnlyTheAddressThatGuessesKeys) {
  ServedApi::Options options;
  options.keys = {.keys = one_key("right-key"), .throttle = {.wrong_max = 2}};
  ServedApi served(options);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(served.post("/login", R"({"key":"guess"})").result_int(), 401u);
  }

  EXPECT_EQ(served.post("/login", R"({"key":"right-key"})").result_int(), 429u);
  EXPECT_EQ(login_from_elsewhere(served.port(), "right-key"), "HTTP/1.1 204");
}

TEST(Api, CancelsOnlyWhereItIsAllowedAndTheRequestRuns) {
  ServedApi::Options options;
  options.api.cancel_allowed = true;
  ServedApi allowed(options);
  ServedApi forbidden;
  allowed.report(1, {started("a")});
  forbidden.report(1, {started("a")});

  EXPECT_EQ(forbidden.post("/metrics/active-requests/a/cancel", "{}").result_int(), 403u);
  EXPECT_EQ(allowed.post("/metrics/active-requests/b/cancel", "{}").result_int(), 404u);
  const auto done = allowed.post("/metrics/active-requests/a/cancel", "");

  EXPECT_EQ(done.result_int(), 202u);
  ASSERT_EQ(allowed.cancelled().size(), 1u);
  EXPECT_EQ(allowed.cancelled()[0], std::pair(Proxy, std::string("a")));
  EXPECT_EQ(allowed.post("/metrics/active-requests/a/cancel", "", "").result_int(), 415u);
  allowed.disconnect_proxy();
  EXPECT_EQ(allowed.post("/metrics/active-requests/a/cancel", "{}").result_int(), 503u);
}

TEST(Api, RefusesHostsThatAreNotItsOwn) {
  ServedApi::Options options;
  options.access.allowed_hosts = {"ops.example"};
  ServedApi served(options);
  const auto ask = [&](const std::string& host) {
    return served.client().ask("GET /health HTTP/1.1\r\nHost: " + host + "\r\n\r\n").result_int();
  };

  EXPECT_EQ(ask("localhost:8083"), 200u);
  EXPECT_EQ(ask("127.0.0.1"), 200u);
  EXPECT_EQ(ask("[::1]:8083"), 200u);
  EXPECT_EQ(ask("OPS.example"), 200u);
  EXPECT_EQ(ask("evil.example"), 421u);
  EXPECT_EQ(ask("localhost.evil.example"), 421u);
}

TEST(Api, LetsNoForeignPageChangeAnything) {
  ServedApi::Options options;
  options.api.cancel_allowed = true;
  options.access.allowed_origins = {"https://ops.example"};
  ServedApi served(options);
  served.report(1, {started("a")});
  const auto cancel = [&](const std::string& origin) {
    const std::string headers = std::string(Json) + "Origin: " + origin + "\r\n";
    return served.post("/metrics/active-requests/a/cancel", "{}", headers).result_int();
  };

  EXPECT_EQ(cancel("https://evil.example"), 403u);
  EXPECT_EQ(cancel("null"), 403u);
  EXPECT_EQ(cancel("http://localhost"), 202u);
  EXPECT_EQ(cancel("https://ops.example"), 202u);
  EXPECT_EQ(served.post("/login", "{}", "Content-Type: text/plain\r\n").result_int(), 415u);
}

TEST(Api, NamesOnlyOriginsThatAreAllowed) {
  ServedApi::Options options = guarded();
  options.access.allowed_origins = {"https://ops.example"};
  ServedApi served(options);
  const auto origin_of = [&](const std::string& headers) {
    return std::string(served.get("/metrics/logs", headers)["Access-Control-Allow-Origin"]);
  };
  const std::string key(RightKey);

  EXPECT_EQ(origin_of(key + "Origin: https://ops.example\r\n"), "https://ops.example");
  EXPECT_EQ(origin_of("Origin: https://ops.example\r\n"), "https://ops.example") << "a 401 too";
  EXPECT_EQ(origin_of(key + "Origin: https://evil.example\r\n"), "");
  EXPECT_EQ(origin_of(key), "");
  const auto preflight = served.client().ask(
      "OPTIONS /metrics/logs HTTP/1.1\r\nHost: localhost\r\nOrigin: https://ops.example\r\n\r\n");
  EXPECT_EQ(preflight.result_int(), 204u);
  EXPECT_NE(preflight["Access-Control-Allow-Headers"].find("x-api-key"), std::string::npos);
}

TEST(Api, AnswersUnknownPathsAndMethodsInJson) {
  ServedApi served;

  const auto missing = served.get("/metrics/nothing");
  const auto wrong = served.post("/metrics/logs", "{}");

  EXPECT_EQ(missing.result_int(), 404u);
  EXPECT_TRUE(parsed(missing.body()).contains("error"));
  EXPECT_EQ(wrong.result_int(), 405u);
  EXPECT_TRUE(parsed(wrong.body()).contains("error"));
}

TEST(Api, SaysWhetherItIsReadyAndWhatIsWrong) {
  ServedApi served;
  EXPECT_EQ(parsed(served.get("/health/ready").body()).at("status").as_string(), "ready");

  served.owner([&] { served.tracker().set_degraded({"the disk is full"}); });
  const auto answer = served.get("/health/ready");

  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(parsed(answer.body()).at("status").as_string(), "degraded");
  EXPECT_EQ(parsed(answer.body()).at("degraded").as_array().at(0).as_string(), "the disk is full");
}

TEST(Api, IsNotReadyWhileAPortIsNotListenedOnYet) {
  ServedApi served;
  served.owner([&] { served.pretend_to_start(); });

  const auto answer = served.get("/health/ready");

  EXPECT_EQ(answer.result_int(), 503u);
  EXPECT_EQ(parsed(answer.body()).at("status").as_string(), "starting");
}

TEST(Api, KeepsForeignTextInsideItsString) {
  ServedApi served;
  RequestFacts hostile = *facts("a");
  hostile.requested_model = "</script><img src=x>\"\n\ndata: {\"x\":1}\r\nevent: evil\xff";
  hostile.resolved_model = hostile.requested_model;
  served.report(1, {Started{std::make_shared<const RequestFacts>(hostile)}});

  FeedReader reader(served, "/metrics/stream");
  const SseEvent event = reader.next();

  EXPECT_EQ(event.name, "snapshot");
  EXPECT_EQ(event.data.find('\n'), std::string::npos);
  const auto data = parsed(event.data);
  const auto& row = data.at("active").as_array().at(0).as_object();
  EXPECT_TRUE(row.at("model").as_string().starts_with("</script>"));
  EXPECT_NE(row.at("model").as_string().find("\xef\xbf\xbd"), json::string::npos);
  const auto totals = served.get("/metrics/running-totals?format=yaml").body();
  EXPECT_EQ(totals.find("\ndata:"), std::string::npos);
  EXPECT_EQ(totals.find("\nevent:"), std::string::npos);
}

}  // namespace
}  // namespace vdm::metrics::api_test
