#include "metrics-service/cli/gateway/http_call.h"

#include <exception>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "common/base/clock.h"
#include "common/base/host_port.h"

namespace vdm::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr auto Await = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t BytesMax = 8 * 1024 * 1024;

Error broke(const HostPort& at, const error_code& error) {
  const std::string where = authority(at);
  if (error == beast::error::timeout) {
    return {ErrorKind::UpstreamTimeout, where + " does not answer in time"};
  }
  return {ErrorKind::UpstreamRejected,
          where + " does not answer as HTTP (" + error.message() + ")"};
}

http::request<http::string_body> request_of(const HostPort& at, const HttpCall& call) {
  http::request<http::string_body> request(http::string_to_verb(call.method), call.target, 11);
  request.set(http::field::host, authority(at));
  request.set(http::field::accept, "application/json");
  request.set(http::field::connection, "close");
  if (!call.key.empty()) request.set("x-api-key", call.key.reveal());
  if (!call.body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = call.body;
  request.prepare_payload();
  return request;
}

asio::awaitable<void> exchange(const HostPort& at, const HttpCall& call,
                               std::optional<Result<HttpAnswer>>& result) {
  const SystemClock clock;
  const auto start = clock.monotonic();
  const auto since_start = [&] {
    return std::chrono::duration_cast<std::chrono::microseconds>(clock.monotonic() - start);
  };
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  const auto [unknown, places] =
      co_await resolver.async_resolve(at.host, std::to_string(at.port), Await);
  if (unknown) {
    result = Error{ErrorKind::NotFound, "no host is called " + at.host};
    co_return;
  }
  beast::tcp_stream stream(executor);
  stream.expires_after(call.timeout);
  const auto [refused, place] = co_await stream.async_connect(places, Await);
  if (refused) {
    const bool late = refused == beast::error::timeout;
    result = late ? broke(at, refused)
                  : Error{ErrorKind::NotFound, "nobody listens at " + authority(at)};
    co_return;
  }
  const auto request = request_of(at, call);
  auto [failed, sent] = co_await http::async_write(stream, request, Await);

  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(BytesMax);
  HttpAnswer answer;
  while (!failed && !parser.is_done()) {
    std::tie(failed, sent) = co_await http::async_read_some(stream, buffer, parser, Await);
    const bool begun = !parser.get().body().empty();
    if (begun && answer.first_byte.count() == 0) answer.first_byte = since_start();
  }
  if (failed) {
    result = broke(at, failed);
    co_return;
  }
  answer.whole = since_start();
  answer.status = parser.get().result_int();
  answer.body = std::move(parser.get().body());
  result = std::move(answer);
}

}  // namespace

Result<HttpAnswer> http_call(const HostPort& at, const HttpCall& call) {
  asio::io_context context(1);
  std::optional<Result<HttpAnswer>> result;
  asio::co_spawn(context, exchange(at, call, result), [](const std::exception_ptr& fault) {
    if (fault) std::rethrow_exception(fault);
  });
  context.run();
  return std::move(*result);
}

}  // namespace vdm::cli
