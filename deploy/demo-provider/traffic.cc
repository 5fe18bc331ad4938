#include "deploy/demo-provider/traffic.h"

#include <algorithm>
#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/host_port.h"
#include "common/http_client/async_http_call.h"
#include "deploy/demo-provider/called_tools.h"
#include "deploy/demo-provider/pause.h"

namespace vdm::demo {
namespace {

namespace net = http::net;
using http::Awaitable;
using std::chrono::milliseconds;
constexpr std::chrono::minutes AnswerTimeMax{3};
constexpr milliseconds AwayMax{10'000};
/// A client that leaves early just closes its connection, as a closed laptop does.
constexpr std::size_t EarlyLeaverReads = 4000;

HttpCall call_for(const Turn& turn, const TrafficOptions& options) {
  const Secret key = options.key.empty() ? Secret("demo") : options.key;
  HttpCall call{.method = "POST",
                .target = turn.target,
                .body = turn.body,
                .headers = {{"User-Agent", turn.client}, {"x-session-id", turn.session}},
                .timeout = AnswerTimeMax};
  if (turn.anthropic) {
    call.key = key;
    call.headers.emplace_back("anthropic-version", "2023-06-01");
  } else {
    call.headers.emplace_back("Authorization", "Bearer " + std::string(key.reveal()));
  }
  if (turn.leaves_early) call.answer_bytes_max = EarlyLeaverReads;
  return call;
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
  options.to = *address;
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
  const HttpCall call = call_for(turn, options_);
  const auto answer = co_await async_http_call(options_.to, call);
  if (!answer) co_return false;
  conversation.called(tools_called(turn, answer->body));
  co_return true;
}

}  // namespace vdm::demo
