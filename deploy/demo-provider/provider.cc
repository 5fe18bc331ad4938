#include "deploy/demo-provider/provider.h"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "deploy/demo-provider/pause.h"

namespace vdm::demo {
namespace {

using http::Awaitable;
using std::chrono::microseconds;
using std::chrono::milliseconds;
namespace net = http::net;

/// stream() adds up waits until they reach this, because a timer for each short wait would be
/// waste.
constexpr microseconds WorthWaiting{2000};

/// Waits until the client closes its connection.
Awaitable<void> stall() {
  net::steady_timer timer(co_await net::this_coro::executor, net::steady_timer::time_point::max());
  co_await timer.async_wait(net::use_awaitable);
}

bool has_key(const http::Request& request) {
  const std::string* key = request.header("x-api-key");
  const std::string* bearer = request.header("authorization");
  constexpr std::string_view scheme = "Bearer ";
  return (key && !key->empty()) ||
         (bearer && bearer->rfind(scheme, 0) == 0 && bearer->size() > scheme.size());
}

http::ReplyHead head_for(Dialect dialect, int status, std::string content_type, const Ids& ids) {
  http::ReplyHead head;
  head.status = status;
  head.content_type = std::move(content_type);
  head.headers.push_back(
      {dialect == Dialect::OpenAi ? "x-request-id" : "request-id", "req_demo_" + ids.suffix});
  if (status == 429 || status == 529) head.headers.push_back({"retry-after", "1"});
  return head;
}

struct Refusal {
  int status;
  const char* message;
};

/// The error that the model's name asks for instead of an answer, if any.
std::optional<Refusal> refusal_of(ScriptedError fault) {
  switch (fault) {
    case ScriptedError::RateLimited:
      return Refusal{429, "Rate limit reached for demo-error-429, as asked. Try again in 1s."};
    case ScriptedError::ServerError:
      return Refusal{500, "The demo provider failed, as asked."};
    case ScriptedError::Overloaded:
      return Refusal{529, "The demo provider is overloaded, as asked."};
    case ScriptedError::UnknownModel:
      return Refusal{404, "The demo provider has no such model; GET /v1/models lists them."};
    case ScriptedError::None:
    case ScriptedError::Cut:
    case ScriptedError::Stall:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Provider::Provider(double speed) : speed_(speed), random_(std::random_device()()) {}

void Provider::add_routes(http::Router& router) {
  router.post("/v1/chat/completions",
              [this](const http::Request& request, http::ReplyWriter& reply) {
                return complete(Dialect::OpenAi, request, reply);
              });
  router.post("/v1/messages", [this](const http::Request& request, http::ReplyWriter& reply) {
    return complete(Dialect::Anthropic, request, reply);
  });
  router.post("/v1/messages/count_tokens",
              [this](const http::Request& request, http::ReplyWriter& reply) {
                return count_tokens(request, reply);
              });
  router.get("/v1/models", [this](const http::Request& request, http::ReplyWriter& reply) {
    return list_models(request, reply);
  });
  router.get("/health", [](const http::Request&, http::ReplyWriter& reply) -> Awaitable<void> {
    co_await reply.json(200, R"({"status":"ok"})");
  });
}

Awaitable<void> Provider::complete(Dialect dialect, const http::Request& request,
                                   http::ReplyWriter& reply) {
  if (!has_key(request)) {
    co_await refuse(dialect, 401, "No key: any will do, in x-api-key or Authorization: Bearer.",
                    reply);
    co_return;
  }
  const auto call = read_call(dialect, request.body);
  if (!call) {
    co_await refuse(dialect, 400, call.error().message, reply);
    co_return;
  }

  const Script script = script_for(*call);
  const Ids ids = new_ids();
  if (const auto refusal = refusal_of(script.fault)) {
    co_await pause(paced(milliseconds(120)));
    co_await refuse(dialect, refusal->status, refusal->message, reply);
    co_return;
  }
  if (call->stream) {
    co_await stream(*call, script, ids, reply);
  } else {
    co_await answer_whole(*call, script, ids, reply);
  }
}

Awaitable<void> Provider::stream(const Call& call, const Script& script, const Ids& ids,
                                 http::ReplyWriter& reply) {
  const Usage usage = cache_.usage(call, script);
  const auto steps = call.dialect == Dialect::OpenAi ? openai_stream(call, script, usage, ids)
                                                     : anthropic_stream(call, script, usage, ids);
  co_await pause(paced(script.pace.first_token));
  auto head = head_for(call.dialect, 200, "text/event-stream; charset=utf-8", ids);
  head.headers.push_back({"Cache-Control", "no-cache"});
  const auto begun = co_await reply.begin(head, http::StreamKind::Finite);
  if (!begun) co_return;

  microseconds owed{0};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (script.fault == ScriptedError::Cut && i > steps.size() / 2)
      co_return;  // no end(): cuts the answer
    if (script.fault == ScriptedError::Stall && i > steps.size() / 3) co_await stall();
    owed += paced(script.pace.per_token * steps[i].weight);
    if (owed >= WorthWaiting) {
      co_await pause(owed);
      owed = microseconds(0);
    }
    const auto written = co_await reply.write(steps[i].bytes);
    if (!written) co_return;
  }
  co_await reply.end();
}

Awaitable<void> Provider::answer_whole(const Call& call, const Script& script, const Ids& ids,
                                       http::ReplyWriter& reply) {
  const Usage usage = cache_.usage(call, script);
  const std::string body = call.dialect == Dialect::OpenAi
                               ? openai_whole(call, script, usage, ids)
                               : anthropic_whole(call, script, usage, ids);
  const http::ReplyHead head = head_for(call.dialect, 200, "application/json", ids);
  const auto work =
      script.pace.first_token + script.pace.per_token * static_cast<int>(script.output_tokens());
  co_await pause(paced(std::min<microseconds>(work, std::chrono::seconds(30))));
  if (script.fault == ScriptedError::None) {
    co_await reply.send(head, body);
    co_return;
  }

  // Send half of the body, then close the connection or stall.
  const auto begun = co_await reply.begin(head, http::StreamKind::Finite);
  if (!begun) co_return;
  const auto half = std::string_view(body).substr(0, body.size() / 2);
  const auto written = co_await reply.write(half);
  if (written && script.fault == ScriptedError::Stall) co_await stall();
}

Awaitable<void> Provider::count_tokens(const http::Request& request, http::ReplyWriter& reply) {
  std::string body = request.body;
  // The body is that of a message, but without max_tokens, which read_call() requires.
  const auto brace = body.find('{');
  if (brace != std::string::npos) body.insert(brace + 1, R"("max_tokens":1,)");
  const auto call = read_call(Dialect::Anthropic, body);
  if (!call) {
    co_await refuse(Dialect::Anthropic, 400, call.error().message, reply);
    co_return;
  }
  co_await reply.json(200, "{\"input_tokens\":" + std::to_string(call->input_tokens) + "}");
}

Awaitable<void> Provider::list_models(const http::Request& request, http::ReplyWriter& reply) {
  const bool anthropic = request.header("anthropic-version") != nullptr;
  co_await reply.json(200, models_body(anthropic ? Dialect::Anthropic : Dialect::OpenAi));
}

Awaitable<void> Provider::refuse(Dialect dialect, int status, std::string message,
                                 http::ReplyWriter& reply) {
  const Ids ids = new_ids();
  const http::ReplyHead head = head_for(dialect, status, "application/json", ids);
  const std::string body = error_body(dialect, status, message, ids);
  co_await reply.send(head, body);
}

Ids Provider::new_ids() {
  const auto now = SystemClock().wall().time_since_epoch();
  return {.suffix = random_hex(12),
          .created = std::chrono::duration_cast<std::chrono::seconds>(now).count()};
}

/// Varies a wait, as real networks and providers do: mostly a little shorter or longer, and now and
/// then eight times as long.
microseconds Provider::paced(microseconds wait) {
  std::uniform_real_distribution<double> around(0.4, 1.6);
  std::uniform_int_distribution<int> luck(1, 150);
  const double hitch = luck(random_) == 1 ? 8.0 : 1.0;
  const double waited = static_cast<double>(wait.count()) * around(random_) * hitch / speed_;
  return microseconds(static_cast<microseconds::rep>(waited));
}

}  // namespace vdm::demo
