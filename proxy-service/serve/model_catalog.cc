#include "proxy-service/serve/model_catalog.h"

#include <algorithm>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "proxy-service/routing/model_ref.h"
#include "proxy-service/serve/model_list.h"
#include "proxy-service/serve/upstream_head.h"
#include "proxy-service/upstream/call.h"

namespace vdm::proxy {
namespace {

constexpr std::chrono::seconds AnswerTime{30};

/// Not a completion: nothing is reported.
struct Unreported final : UpstreamCall::Progress {
  void connecting(bool) override {}
  void connected() override {}
  void first_byte() override {}
};

Result<std::size_t> choose(const Lane& lane, const std::string& name) {
  const std::vector<Provider>& providers = lane.config.providers;
  if (!name.empty()) {
    if (const auto found = find_provider(providers, name)) return *found;
    return Error{ErrorKind::NotFound, "provider: no provider of that name is configured"};
  }
  if (const auto found = find_provider(providers, lane.config.default_provider)) return *found;
  if (!providers.empty()) return std::size_t{0};
  return Error{ErrorKind::NotFound, "no provider is configured"};
}

}  // namespace

Task<Answer> ModelCatalog::answer(Client& client, Dialect dialect, const std::string& query,
                                  const Secret& client_key, const ReplyTerms& terms) {
  const auto refuse = [&](const Error& error) {
    const Failure failure = failure_of(error);
    return Answer{.status = failure.status, .body = error_body(dialect, failure, terms.request_id)};
  };
  const std::string format_name = query_value(query, "format");
  const auto format = model_format(format_name, dialect);
  if (!format) co_return refuse(format.error());
  const auto provider = choose(client.lane(), query_value(query, "provider"));
  if (!provider) co_return refuse(provider.error());

  Copy& copy = kept_[*provider];
  const bool refresh = query_value(query, "refresh") == "true";
  if (refresh || copy.body.empty() || client.lane().now >= copy.until) {
    auto body = co_await fetch(client, *provider, client_key);
    if (!body) co_return refuse(body.error());
    copy.body = std::move(*body);
    copy.until = client.lane().now + Kept;
  }
  const auto list = model_list(copy.body, *format);
  if (!list) co_return refuse(list.error());
  co_return Answer{.body = *list};
}

Task<Result<std::string>> ModelCatalog::fetch(Client& client, std::size_t index,
                                              const Secret& client_key) {
  Lane& lane = client.lane();
  const Provider& provider = lane.config.providers[index];
  std::string text;
  http1::HeadWriter head(text);
  head.request_line("GET", upstream_target(provider, Endpoint::Models));
  head.field("host", provider.base_url.authority);
  if (const auto written = write_credentials(head, provider, client_key); !written) {
    co_return written.error();
  }
  if (provider.dialect == Dialect::Anthropic) head.field("anthropic-version", "2023-06-01");
  head.field("accept", "application/json").field("accept-encoding", "identity").end();

  UpstreamRequest request;
  request.pieces.add(text);
  UpstreamCall call(lane.pool(index), client.waiting(), lane.now);
  Unreported unreported;
  const auto answered = co_await call.exchange(request, unreported);
  if (!answered) co_return answered.error();
  const int status = (*answered)->status();
  client.waiting().set_deadline(lane.now + AnswerTime);
  std::string body;
  for (;;) {
    const auto payload = co_await call.body();
    if (!payload) co_return payload.error();
    if (payload->empty()) break;
    body.append(payload->data(), payload->size());
    if (body.size() > BytesMax) {
      co_return Error{ErrorKind::UpstreamRejected,
                      "provider '" + provider.name + "': its list of models is too long"};
    }
  }
  call.finish();
  if (status != 200) {
    co_return Error{ErrorKind::UpstreamRejected, "provider '" + provider.name +
                                                     "' answered its list of models with status " +
                                                     std::to_string(status)};
  }
  co_return body;
}

}  // namespace vdm::proxy
