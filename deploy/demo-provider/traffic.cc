#include "deploy/demo-provider/traffic.h"

#include <algorithm>
#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "common/base/host_port.h"
#include "common/base/log.h"
#include "deploy/demo-provider/called_tools.h"

namespace vdm::demo {
namespace {

namespace net = http::net;
namespace beast = boost::beast;
using http::Awaitable;
using std::chrono::milliseconds;
constexpr auto as_values = net::as_tuple(net::use_awaitable);
constexpr std::chrono::minutes AnswerTimeMax{3};
constexpr milliseconds AwayMax{10'000};
constexpr std::uint64_t BodyMax = 8 * 1024 * 1024;

Awaitable<void> pause(milliseconds time) {
  net::steady_timer timer(co_await net::this_coro::executor, time);
  co_await timer.async_wait(net::use_awaitable);
}

beast::http::request<beast::http::string_body> request_for(const Turn& turn,
                                                           const TrafficOptions& options) {
  beast::http::request<beast::http::string_body> request{beast::http::verb::post, turn.target, 11};
  request.set(beast::http::field::host, options.host + ":" + options.port);
  request.set(beast::http::field::user_agent, turn.client);
  request.set(beast::http::field::content_type, "application/json");
  request.set("x-session-id", turn.session);
  const std::string key(options.key.empty() ? "demo" : options.key.reveal());
  if (turn.anthropic) {
    request.set("x-api-key", key);
    request.set("anthropic-version", "2023-06-01");
  } else {
    request.set(beast::http::field::authorization, "Bearer " + key);
  }
  request.body() = turn.body;
  request.prepare_payload();
  return request;
}

}  // namespace

Result<TrafficOptions> traffic_to(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  const Error wrong{ErrorKind::InvalidRequest,
                    "--traffic: expected http://host:port, got '" + std::string(url) + "'"};
  if (url.substr(0, scheme.size()) != scheme) return wrong;
  std::string_view rest = url.substr(scheme.size());
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  const auto address = parse_host_port("--traffic", rest);
  if (!address) return wrong;
  TrafficOptions options;
  options.host = address->host;
  options.port = std::to_string(address->port);
  return options;
}

void Traffic::start() {
  for (std::size_t number = 0; number < options_.conversations; ++number) {
    thread_.spawn("demo traffic", converse(number));
  }
}

Awaitable<void> Traffic::converse(std::size_t number) {
  Conversation conversation(number, options_.seed);
  milliseconds away{0};
  // The clients do not start all at once.
  co_await pause(
      milliseconds(static_cast<int>(400.0 * static_cast<double>(number) / options_.speed)));
  for (;;) {
    const Turn turn = conversation.next();
    const bool answered = co_await exchange(turn, conversation);
    if (answered) ++answered_;
    away = answered || turn.leaves_early ? milliseconds(0)
                                         : std::min(AwayMax, away * 2 + milliseconds(500));
    const auto thinks = static_cast<double>(conversation.thinking_time()) / options_.speed;
    co_await pause(milliseconds(static_cast<int>(thinks)) + away);
  }
}

/// Sends one request. True when a whole answer came.
Awaitable<bool> Traffic::exchange(const Turn& turn, Conversation& conversation) {
  net::ip::tcp::resolver resolver(thread_.context());
  const auto [unknown, found] =
      co_await resolver.async_resolve(options_.host, options_.port, as_values);
  if (unknown) co_return false;

  beast::tcp_stream stream(thread_.context());
  stream.expires_after(std::chrono::seconds(5));
  const auto [refused, endpoint] = co_await stream.async_connect(found, as_values);
  if (refused) co_return false;

  stream.expires_after(AnswerTimeMax);
  auto request = request_for(turn, options_);
  const auto [unsent, sent] = co_await beast::http::async_write(stream, request, as_values);
  if (unsent) co_return false;

  beast::flat_buffer buffer(64 * 1024);
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(BodyMax);
  while (!parser.is_done()) {
    const auto [cut, size] =
        co_await beast::http::async_read_some(stream, buffer, parser, as_values);
    if (cut) co_return false;
    // A client that leaves early just closes its connection, as a closed laptop does.
    if (turn.leaves_early && parser.get().body().size() > 4000) co_return false;
  }
  conversation.called(tools_called(turn, parser.get().body()));
  co_return true;
}

}  // namespace vdm::demo
