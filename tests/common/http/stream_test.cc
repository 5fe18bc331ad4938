#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/http/session.h"
#include "tests/common/http/served.h"

namespace vdm::http::http_stream_test {
namespace {

using std::chrono::milliseconds;

/// Set when the frame that holds it ends, however it ends.
class Ended {
 public:
  explicit Ended(std::promise<void>& promise) : promise_(promise) {}
  ~Ended() { promise_.set_value(); }

 private:
  std::promise<void>& promise_;
};

/// Begins an answer, writes one event and then waits for ever.
Handler waiting(std::promise<void>& ended, StreamKind kind) {
  return [&ended, kind](const Request&, ReplyWriter& reply) -> Awaitable<void> {
    Ended guard(ended);
    const auto begun = co_await reply.begin_events(kind);
    if (!begun) co_return;
    const auto written = co_await reply.write("data: first\n\n");
    if (!written) co_return;
    net::steady_timer never(co_await net::this_coro::executor,
                            net::steady_timer::time_point::max());
    co_await never.async_wait(net::use_awaitable);
  };
}

TEST(Stream, IsChunkedAndEndsOnce) {
  Served served([](Router& router) {
    router.get("/count", [](const Request&, ReplyWriter& reply) -> Awaitable<void> {
      co_await reply.begin_events(StreamKind::Finite);
      for (const auto* text : {"one", "", "two"}) co_await reply.write(text);
      co_await reply.end();
    });
  });
  Client client(served.port());

  const auto first = client.ask(get("/count"));
  const auto again = client.ask(get("/count"));

  EXPECT_TRUE(first.chunked());
  EXPECT_EQ(first.body(), "onetwo");
  EXPECT_EQ(first["X-Accel-Buffering"], "no");
  EXPECT_EQ(first["Cache-Control"], "no-cache, no-transform");
  EXPECT_EQ(again.body(), "onetwo");
}

TEST(Stream, OfHttp10EndsWithItsConnection) {
  Served served([](Router& router) {
    router.get("/count", [](const Request&, ReplyWriter& reply) -> Awaitable<void> {
      co_await reply.begin_events(StreamKind::Finite);
      co_await reply.write("data: 1\n\n");
      co_await reply.end();
    });
  });
  Client client(served.port());

  client.send("GET /count HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string answer = client.read_to_end();

  EXPECT_EQ(answer.find("chunked"), std::string::npos);
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), "data: 1\n\n");
}

TEST(Stream, ThatItsHandlerLeavesIsCutOff) {
  Served served([](Router& router) {
    router.get("/cut", [](const Request&, ReplyWriter& reply) -> Awaitable<void> {
      co_await reply.begin_events(StreamKind::Finite);
      co_await reply.write("data: 1\n\n");
    });
  });
  Client client(served.port());

  client.send(get("/cut"));
  const std::string answer = client.read_to_end();

  EXPECT_NE(answer.find("data: 1"), std::string::npos);
  EXPECT_EQ(answer.find("0\r\n\r\n"), std::string::npos);
}

TEST(Stream, EndsItsHandlerWhenTheClientLeaves) {
  std::promise<void> ended;
  Served served([&](Router& router) { router.get("/live", waiting(ended, StreamKind::Endless)); });
  Client client(served.port());
  client.send(get("/live"));
  client.read_until("first");
  EXPECT_EQ(served.ask([](Server& server) { return server.open_streams(); }), 1u);

  client.close();

  ended.get_future().wait();
  served.until([](const Server& server) { return server.connections() == 0; });
  EXPECT_EQ(served.ask([](Server& server) { return server.open_streams(); }), 0u);
}

TEST(Stream, KeepsWhatTheClientSendsMeanwhileForTheNextRequest) {
  Served served([](Router& router) {
    router.get("/slow", [](const Request&, ReplyWriter& reply) -> Awaitable<void> {
      co_await reply.begin_events(StreamKind::Finite);
      co_await reply.write("begun");
      net::steady_timer pause(co_await net::this_coro::executor, milliseconds(20));
      co_await pause.async_wait(net::use_awaitable);
      co_await reply.end();
    });
    router.get("/hello", answering("hello"));
  });
  Client client(served.port());

  client.send(get("/slow"));
  client.send(get("/hello"));

  EXPECT_EQ(client.answer().body(), "begun");
  EXPECT_EQ(client.answer().body(), "hello");
}

TEST(Stream, AnsweredToHeadHasNoBody) {
  Served served([](Router& router) {
    router.get("/live", [](const Request&, ReplyWriter& reply) -> Awaitable<void> {
      auto going = co_await reply.begin_events();
      while (going) going = co_await reply.write("data: 1\n\n");
    });
  });
  Client client(served.port());

  client.send("HEAD /live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_to_end();

  EXPECT_EQ(answer.rfind("HTTP/1.1 200 ", 0), 0u);
  EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
}

TEST(Drain, ClosesIdleConnectionsAndEndlessStreamsAtOnce) {
  std::promise<void> ended;
  Served served([&](Router& router) {
    router.get("/live", waiting(ended, StreamKind::Endless));
    router.get("/hello", answering("hello"));
  });
  Client idle(served.port());
  Client reader(served.port());
  ASSERT_EQ(idle.ask(get("/hello")).result_int(), 200u);
  reader.send(get("/live"));
  reader.read_until("first");

  served.stop(std::chrono::hours(1));

  EXPECT_TRUE(idle.closed());
  EXPECT_EQ(reader.read_to_end(), "\n\n\r\n");  // the rest of the event, and no last chunk
  ended.get_future().wait();
}

TEST(Drain, LetsAFiniteAnswerFinishAndSaysItIsTheLast) {
  std::promise<void> entered;
  net::steady_timer* gate = nullptr;
  Served served([&](Router& router) {
    router.get("/slow", [&](const Request&, ReplyWriter& reply) -> Awaitable<void> {
      net::steady_timer timer(co_await net::this_coro::executor,
                              net::steady_timer::time_point::max());
      gate = &timer;
      entered.set_value();
      co_await timer.async_wait(net::as_tuple(net::use_awaitable));
      co_await reply.text(200, "finished");
    });
  });
  Client client(served.port());
  client.send(get("/slow"));
  entered.get_future().wait();

  served.drain(std::chrono::hours(1));
  served.thread().post([&] { gate->cancel(); });
  const auto answer = client.answer();
  served.stop(milliseconds(0));

  EXPECT_EQ(answer.body(), "finished");
  EXPECT_EQ(answer["Connection"], "close");
}

TEST(Drain, CancelsWhatIsLeftWhenTheGraceIsOver) {
  std::promise<void> ended;
  Served served([&](Router& router) { router.get("/live", waiting(ended, StreamKind::Finite)); });
  Client client(served.port());
  client.send(get("/live"));
  client.read_until("first");

  served.stop(milliseconds(20));

  ended.get_future().wait();
  EXPECT_EQ(client.read_to_end(), "\n\n\r\n");
}

TEST(IoThread, EndsWhatIsSuspendedWhenItIsTornDown) {
  std::promise<void> ended;
  {
    Router router;
    router.get("/live", waiting(ended, StreamKind::Endless));
    Server server(router, {});
    IoThread thread("server");
    auto listener = Listener::open(thread, "127.0.0.1", 0, [&](net::ip::tcp::socket socket) {
      server.serve(thread, std::move(socket));
    });
    ASSERT_TRUE(listener);
    thread.start();
    Client client((*listener)->port());
    client.send(get("/live"));
    client.read_until("first");
  }
  EXPECT_EQ(ended.get_future().wait_for(milliseconds(0)), std::future_status::ready);
}

TEST(Listener, NamesTheAddressAndWhatToDoWhenThePortIsInUse) {
  IoThread thread("listener");
  const auto first = Listener::open(thread, "127.0.0.1", 0, [](net::ip::tcp::socket) {});
  ASSERT_TRUE(first);
  const auto port = (*first)->port();

  const auto second = Listener::open(thread, "127.0.0.1", port, [](net::ip::tcp::socket) {});

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "cannot listen on 127.0.0.1:" + std::to_string(port) +
                ": the port is in use; stop the program that has it or choose another port");
}

TEST(Listener, RefusesAHostThatIsNone) {
  IoThread thread("listener");

  const auto none = Listener::open(thread, "no.such.host.invalid", 0, [](net::ip::tcp::socket) {});
  const auto foreign = Listener::open(thread, "192.0.2.1", 0, [](net::ip::tcp::socket) {});

  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("no.such.host.invalid:0"), std::string::npos);
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().message.find("no such address"), std::string::npos);
}

}  // namespace
}  // namespace vdm::http::http_stream_test
