#include "common/http_client/http_call.h"

#include <gtest/gtest.h>

#include <chrono>

#include "common/http_client/async_http_call.h"
#include "tests/common/http/served.h"

namespace vdm::http_call_test {
namespace {

using http::Awaitable;
using http::ReplyWriter;
using http::Request;
using http::Served;

HostPort at(const Served& served) { return {"127.0.0.1", served.port()}; }

/// Answers with what the client sent: its method, the fields that a test names, and its body.
Awaitable<void> echo(const Request& request, ReplyWriter& reply) {
  std::string text = request.method + "\n";
  for (const auto* name : {"x-api-key", "user-agent", "accept", "content-type", "connection"}) {
    const std::string* value = request.header(name);
    if (value) text += std::string(name) + ": " + *value + "\n";
  }
  co_await reply.text(201, text + request.body);
}

TEST(HttpCall, SendsWhatItIsToldAndReadsTheWholeAnswer) {
  Served served([](http::Router& router) { router.post("/echo", echo); });

  const auto answer = http_call(at(served), {.method = "POST",
                                             .target = "/echo",
                                             .body = "{}",
                                             .key = Secret("k"),
                                             .headers = {{"User-Agent", "demo"}}});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 201u);
  EXPECT_EQ(answer->body,
            "POST\nx-api-key: k\nuser-agent: demo\naccept: application/json\n"
            "content-type: application/json\nconnection: close\n{}");
  EXPECT_GT(answer->first_byte.count(), 0);
  EXPECT_GE(answer->whole, answer->first_byte);
}

TEST(HttpCall, SaysThatNobodyListens) {
  Served served([](http::Router&) {});
  const HostPort left = at(served);
  served.stop(std::chrono::milliseconds(0));

  const auto answer = http_call(left, {});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::NotFound);
  EXPECT_EQ(answer.error().message, "nobody listens at " + authority(left));
}

TEST(HttpCall, GivesUpWhenTheAnswerDoesNotCome) {
  Served served([](http::Router& router) {
    router.get("/", [](const Request&, ReplyWriter&) -> Awaitable<void> {
      http::net::steady_timer never(co_await http::net::this_coro::executor,
                                    http::net::steady_timer::time_point::max());
      co_await never.async_wait(http::net::use_awaitable);
    });
  });

  const auto answer = http_call(at(served), {.timeout = std::chrono::milliseconds(20)});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::UpstreamTimeout);
}

TEST(HttpCall, RefusesAnAnswerThatIsCutOffOrTooLong) {
  Served served([](http::Router& router) {
    router.get("/cut", [](const Request&, ReplyWriter& reply) -> Awaitable<void> {
      const auto begun = co_await reply.begin_events(http::StreamKind::Finite);
      if (begun) co_await reply.write("data: 1\n\n");
    });
    router.get("/long", [](const Request&, ReplyWriter& reply) -> Awaitable<void> {
      co_await reply.begin_events(http::StreamKind::Finite);
      for (int event = 0; event < 100; ++event) co_await reply.write("data: one more event\n\n");
      co_await reply.end();
    });
  });

  const auto cut = http_call(at(served), {.target = "/cut"});
  const auto whole = http_call(at(served), {.target = "/long", .answer_bytes_max = 2200});
  const auto too_long = http_call(at(served), {.target = "/long", .answer_bytes_max = 2199});

  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::UpstreamRejected);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->body.size(), 2200u);
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().kind, ErrorKind::UpstreamRejected);
}

}  // namespace
}  // namespace vdm::http_call_test
