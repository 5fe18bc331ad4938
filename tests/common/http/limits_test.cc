#include <gtest/gtest.h>
#include <poll.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/http/session.h"
#include "tests/common/http/refusals.h"
#include "tests/common/http/served.h"

namespace vdm::http::limits_test {
namespace {

using std::chrono::milliseconds;

void routes(Router& router) {
  router.get("/hello", answering("hello"));
  router.post("/echo", [](const Request& request, ReplyWriter& reply) -> Awaitable<void> {
    co_await reply.text(200, request.body);
  });
}

struct Vector {
  const char* what;
  std::string bytes;
  unsigned status;
};

std::vector<Vector> vectors() {
  const std::string line = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  const std::string follow = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  return {
      {"a TLS hello", "\x16\x03\x01", 400},
      {"a bare LF", "GET /hello HTTP/1.1\nHost: a\n\n", 400},
      {"a folded line", "GET /hello HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n", 400},
      {"no Host", "GET /hello HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"an authority that is not the Host", "GET http://b/hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a method we do not serve", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"a version we do not speak", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"a space before the colon", "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"a control character", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", 400},
      {"both framings", line + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"two lengths", line + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
      {"a signed length", line + "Content-Length: +1\r\n\r\nx", 400},
      {"xchunked", line + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + follow, 501},
      {"chunked, gzip", line + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" + follow, 501},
      {"\"chunked\"", line + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" + follow, 501},
      {"chunked with 1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"a chunked body", line + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + follow, 411},
      {"a bad chunk size", line + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 411},
      {"two keys", "GET /hello HTTP/1.1\r\nHost: a\r\nx-api-key: a\r\nX-Api-Key: b\r\n\r\n", 400},
      {"a key spelled with _", "GET /hello HTTP/1.1\r\nHost: a\r\nx_api_key: a\r\n\r\n", 400},
      {"a target over 4 KiB", "GET /" + std::string(4096, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
       414},
      {"a head over 32 KiB",
       "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(33 * 1024, 'a') + "\r\n\r\n", 431},
      {"a hundred fields and one",
       [] {
         std::string head = "GET /hello HTTP/1.1\r\nHost: a\r\n";
         for (int i = 0; i < 100; ++i) head += "X: 1\r\n";
         return head + "\r\n";
       }(),
       431},
      {"too many query parameters",
       [] {
         std::string target = "/hello?a=1";
         for (int i = 0; i < 64; ++i) target += "&a=1";
         return "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
       }(),
       400},
      {"an escape that is none",
       "GET /hello?a=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400},
      {"a declared body over the maximum", line + "Content-Length: 1001\r\n\r\n", 413},
      {"a chunked body over the maximum",
       line + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') +
           "\r\n0\r\n\r\n",
       411},
      {"endless chunk extensions",
       line + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(20 * 1024, 'x'), 411},
  };
}

class EachLimit : public ::testing::TestWithParam<bool> {};

TEST_P(EachLimit, IsAnsweredOnceAndTheConnectionIsClosed) {
  ServerOptions options;
  options.body_bytes_max = 1000;
  Served served(routes, options);

  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.what);
    Client client(served.port());
    if (GetParam()) {
      for (const char byte : vector.bytes) client.send({&byte, 1});
    } else {
      client.send(vector.bytes);
    }
    client.half_close();
    const std::string answer = client.read_to_end();

    const std::string wanted = "HTTP/1.1 " + std::to_string(vector.status) + " ";
    EXPECT_EQ(answer.substr(0, wanted.size()), wanted);
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Date:"), answer.rfind("Date:")) << "a second answer came";
  }
}

TEST(Limits, RefuseEveryFramingVectorOnASocket) {
  Served served(routes);
  expect_framing_vectors_refused(served.port());
}

INSTANTIATE_TEST_SUITE_P(, EachLimit, ::testing::Values(false, true), [](const auto& how) {
  return how.param ? "SentByteByByte" : "SentAtOnce";
});

TEST(Deadlines, EndAHeadThatDoesNotComeWith408) {
  ServerOptions options;
  options.header_time = milliseconds(50);
  Served served(routes, options);
  Client client(served.port());

  const auto answer = client.ask("GET /hello HTTP/1.1\r\nHost:");

  EXPECT_EQ(answer.result_int(), 408u);
  EXPECT_TRUE(client.closed());
}

TEST(Deadlines, EndABodyThatDoesNotComeWith408) {
  ServerOptions options;
  options.body_time = milliseconds(50);
  Served served(routes, options);
  Client client(served.port());

  const auto answer = client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc");

  EXPECT_EQ(answer.result_int(), 408u);
  EXPECT_TRUE(client.closed());
}

/// Sends `bytes` one by one, over and over, until an answer is there to be read.
std::string dribble(Client& client, std::string_view bytes) {
  pollfd answer{.fd = client.socket().native_handle(), .events = POLLIN, .revents = 0};
  for (std::size_t i = 0; poll(&answer, 1, 1) == 0; ++i) {
    client.send(bytes.substr(i % bytes.size(), 1));
  }
  return client.read_to_end();
}

TEST(Deadlines, AreAbsoluteForAHeadThatDribbles) {
  ServerOptions options;
  options.header_time = milliseconds(50);
  Served served(routes, options);
  Client client(served.port());

  client.send("GET /hello HTTP/1.1\r\n");
  const std::string answer = dribble(client, "A: b\r\n");

  EXPECT_EQ(answer.rfind("HTTP/1.1 408 ", 0), 0u) << answer;
}

TEST(Deadlines, AreAbsoluteForABodyThatDribbles) {
  ServerOptions options;
  options.body_time = milliseconds(50);
  Served served(routes, options);
  Client client(served.port());

  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  const std::string answer = dribble(client, "x");

  EXPECT_EQ(answer.rfind("HTTP/1.1 408 ", 0), 0u) << answer;
}

TEST(Deadlines, CloseAnIdleConnectionWithoutAnAnswer) {
  ServerOptions options;
  options.idle_time = milliseconds(50);
  Served served(routes, options);
  Client client(served.port());

  EXPECT_EQ(client.ask(get("/hello")).result_int(), 200u);
  EXPECT_TRUE(client.closed());
}

TEST(Deadlines, CloseAConnectionThatNeverSaysAnything) {
  ServerOptions options;
  options.first_byte_time = milliseconds(50);
  Served served(routes, options);
  Client silent(served.port());

  EXPECT_TRUE(silent.closed());
  served.until([](const Server& server) { return server.connections() == 0; });
}

TEST(Deadlines, LetAConnectionThatHasAskedBeIdleForLonger) {
  ServerOptions options;
  options.first_byte_time = milliseconds(50);
  Served served(routes, options);
  Client client(served.port());
  ASSERT_EQ(client.ask(get("/hello")).result_int(), 200u);
  Client silent(served.port());

  ASSERT_TRUE(silent.closed());  // so that first_byte_time is over for both

  EXPECT_EQ(client.ask(get("/hello")).result_int(), 200u);
}

TEST(Deadlines, CloseAClientThatDoesNotRead) {
  std::promise<Result<void>> last;
  ServerOptions options;
  options.write_time = milliseconds(100);
  options.stream_send_buffer = 16 * 1024;
  Served served(
      [&](Router& router) {
        router.get("/flood", [&](const Request&, ReplyWriter& reply) -> Awaitable<void> {
          const std::string piece(64 * 1024, 'x');
          auto written = co_await reply.begin_events();
          while (written) written = co_await reply.write(piece);
          last.set_value(written);
        });
      },
      options);
  Client client(served.port(), 8 * 1024);

  client.send(get("/flood"));
  const auto written = last.get_future().get();

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::ClientGone);
  served.until([](const Server& server) { return server.connections() == 0; });
}

TEST(Server, TurnsConnectionsOverTheMaximumAwayWith503) {
  ServerOptions options;
  options.connections_max = 1;
  Served served(routes, options);
  Client first(served.port());
  ASSERT_EQ(first.ask(get("/hello")).result_int(), 200u);
  Client second(served.port());

  const auto turned_away = second.ask(get("/hello"));
  const auto kept = first.ask(get("/hello"));

  EXPECT_EQ(turned_away.result_int(), 503u);
  EXPECT_TRUE(second.closed());
  EXPECT_EQ(kept.result_int(), 200u);
}

TEST(Server, GivesOneAddressNoMoreThanItsPart) {
  ServerOptions options;
  options.connections_per_address_max = 1;
  Served served(routes, options);
  Client first(served.port());
  ASSERT_EQ(first.ask(get("/hello")).result_int(), 200u);
  Client second(served.port());

  EXPECT_EQ(second.ask(get("/hello")).result_int(), 503u);
  EXPECT_EQ(first.ask(get("/hello")).result_int(), 200u);
}

TEST(Server, GivesAnAddressAPlaceAgainThatWasGivenBack) {
  ServerOptions options;
  options.connections_per_address_max = 1;
  Served served(routes, options);
  Client first(served.port());
  ASSERT_EQ(first.ask(get("/hello")).result_int(), 200u);

  first.close();
  served.until([](const Server& server) { return server.connections() == 0; });
  Client second(served.port());

  EXPECT_EQ(second.ask(get("/hello")).result_int(), 200u);
}

/// Full, with silent clients; one more may ask for health.
struct Full {
  Full() : served(routes, options()), first(served.port()) {
    served.until([](const Server& server) { return server.connections() == 1; });
  }
  static ServerOptions options() {
    ServerOptions options;
    options.connections_max = 1;
    options.reserved_paths = {"/hello"};
    return options;
  }
  Served served;
  Client first;
};

TEST(Server, AnswersAReservedPathBeyondTheMaximumOnce) {
  Full full;
  Client client(full.served.port());

  EXPECT_EQ(client.ask(get("/hello")).result_int(), 200u);
  EXPECT_TRUE(client.closed());
}

TEST(Server, AnswersNothingElseBeyondTheMaximum) {
  Full full;
  Client client(full.served.port());

  const auto answer = client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");

  EXPECT_EQ(answer.result_int(), 503u);
  EXPECT_EQ(answer["Retry-After"], "5");
  EXPECT_TRUE(client.closed());
}

TEST(Server, LeavesSilentClientsNoReservedPlaceForMoreThanASecond) {
  Full full;
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 32; ++i) silent.push_back(std::make_unique<Client>(full.served.port()));

  for (const auto& each : silent) EXPECT_TRUE(each->closed());
  Client client(full.served.port());

  EXPECT_EQ(client.ask(get("/hello")).result_int(), 200u);
}

}  // namespace
}  // namespace vdm::http::limits_test
