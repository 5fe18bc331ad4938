#include "common/http_client/http_call.h"

#include <exception>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "common/base/clock.h"
#include "common/http_client/async_http_call.h"

namespace vdm {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr auto Await = asio::as_tuple(asio::use_awaitable);

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
  for (const auto& [name, value] : call.headers) request.set(name, value);
  if (!call.body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = call.body;
  request.prepare_payload();
  return request;
}

}  // namespace

asio::awaitable<Result<HttpAnswer>> async_http_call(HostPort at, HttpCall call) {
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
    co_return Error{ErrorKind::NotFound, "no host is called " + at.host};
  }
  beast::tcp_stream stream(executor);
  stream.expires_after(call.timeout);
  const auto [refused, place] = co_await stream.async_connect(places, Await);
  if (refused) {
    if (refused == beast::error::timeout) co_return broke(at, refused);
    co_return Error{ErrorKind::NotFound, "nobody listens at " + authority(at)};
  }
  const auto request = request_of(at, call);
  auto [failed, sent] = co_await http::async_write(stream, request, Await);

  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(call.answer_bytes_max);
  HttpAnswer answer;
  while (!failed && !parser.is_done()) {
    std::tie(failed, sent) = co_await http::async_read_some(stream, buffer, parser, Await);
    const bool begun = !parser.get().body().empty();
    if (begun && answer.first_byte.count() == 0) answer.first_byte = since_start();
  }
  if (failed) co_return broke(at, failed);
  answer.whole = since_start();
  answer.status = parser.get().result_int();
  answer.body = std::move(parser.get().body());
  co_return answer;
}

Result<HttpAnswer> http_call(const HostPort& at, const HttpCall& call) {
  asio::io_context context(1);
  std::optional<Result<HttpAnswer>> result;
  asio::co_spawn(context, async_http_call(at, call),
                 [&](const std::exception_ptr& fault, Result<HttpAnswer> answer) {
                   if (fault) std::rethrow_exception(fault);
                   result = std::move(answer);
                 });
  context.run();
  return std::move(*result);
}

}  // namespace vdm
