#include "proxy-service/serve/model_catalog.h"

#include <algorithm>
#include <utility>

#include "proxy-service/routing/model_ref.h"
#include "proxy-service/serve/alias_list.h"
#include "proxy-service/serve/model_list.h"
#include "proxy-service/serve/question.h"
#include "proxy-service/serve/top_models.h"
#include "proxy-service/serve/upstream_head.h"

namespace vdm::proxy {
namespace {

// Anthropic's own default is 20 of them.
constexpr std::string_view AllAtOnce = "limit=1000";

Answer refused(const ModelQuestion& question, const Failure& failure) {
  return {.status = failure.status,
          .body = error_body(question.dialect, failure, question.request_id)};
}

Answer refused(const ModelQuestion& question, const Error& error) {
  return refused(question, failure_of(error));
}

std::chrono::seconds age_of(const Lane& lane, const ModelCopy& copy) {
  const auto age = lane.shared.clock.wall() - copy.at;
  return std::chrono::duration_cast<std::chrono::seconds>(std::max(age, age.zero()));
}

bool is_fresh(const Lane& lane, const ModelCopy& copy) {
  // One from the future says that a clock was put right: nobody knows how old it is.
  return copy.at <= lane.shared.clock.wall() && age_of(lane, copy) < ModelCatalog::Fresh;
}

void say_whose(Answer& answer, const Lane& lane, std::size_t provider,
               const ModelCatalog::Listed& listed) {
  answer.fields.emplace_back("x-vandamme-provider", lane.config.providers[provider].name);
  if (!listed.stale) return;
  answer.fields.emplace_back("x-vandamme-stale", "true");
  answer.fields.emplace_back("age", std::to_string(age_of(lane, listed.copy).count()));
}

bool wants_refresh(const ModelQuestion& question) {
  const std::string refresh = query_value(question.query, "refresh");
  return refresh == "true" || refresh == "1";
}

}  // namespace

Result<std::size_t> ModelCatalog::choose(const Lane& lane, const ModelQuestion& question) {
  const std::string name = query_value(question.query, "provider");
  if (!name.empty()) {
    if (const auto found = find_provider(lane.config.providers, name)) return *found;
    return Error{ErrorKind::NotFound, "provider: no provider of that name is configured"};
  }
  if (const auto asked = lane.shared.resolver.asked(question.dialect)) return *asked;
  if (!lane.config.providers.empty()) return std::size_t{0};
  return Error{ErrorKind::NotFound, "no provider is configured"};
}

Task<Answer> ModelCatalog::list(Client& client, const ModelQuestion& question) {
  const Lane& lane = client.lane();
  const auto format = model_format(query_value(question.query, "format"), question.dialect);
  if (!format) co_return refused(question, format.error());
  const std::string name = query_value(question.query, "provider");
  if (const auto aliases = models_of_profile(lane, name, question.dialect)) {
    const auto list = aliases->empty() ? Error{ErrorKind::NotFound, "provider: no such profile"}
                                       : model_list(*aliases, *format, {});
    if (!list) co_return refused(question, list.error());
    co_return Answer{.body = *list};
  }
  const auto provider = choose(lane, question);
  if (!provider) co_return refused(question, provider.error());
  const auto listed = co_await get(client, *provider, question, wants_refresh(question));
  if (!listed) co_return refused(question, failure_of_question(client, listed.error()));
  const ListMark mark{listed->stale, listed->copy.at};
  const auto list = model_list(listed->copy.body, *format, mark);
  if (!list) co_return refused(question, list.error());
  Answer answer{.body = *list};
  say_whose(answer, lane, *provider, *listed);
  co_return answer;
}

Task<Answer> ModelCatalog::one(Client& client, const ModelQuestion& question) {
  const Lane& lane = client.lane();
  const auto format = model_format(query_value(question.query, "format"), question.dialect);
  if (!format) co_return refused(question, format.error());
  // A balancer of its own: looking takes nobody's turn.
  Balancer balancer;
  const auto route = lane.shared.resolver.resolve(question.name, question.dialect, balancer);
  if (!route) co_return refused(question, route.error());
  const std::size_t provider = route->first.provider;
  const auto listed = co_await get(client, provider, question, wants_refresh(question));
  if (!listed) co_return refused(question, failure_of_question(client, listed.error()));
  const auto model = model_of_list(listed->copy.body, route->first.model, *format);
  if (!model) co_return refused(question, model.error());
  Answer answer{.body = *model};
  say_whose(answer, lane, provider, *listed);
  co_return answer;
}

Task<Answer> ModelCatalog::top(Client& client, const ModelQuestion& question) {
  const Lane& lane = client.lane();
  const auto wanted = top_models_wanted(question.query);
  if (!wanted) co_return refused(question, wanted.error());
  const std::size_t first = lane.shared.resolver.asked(question.dialect).value_or(0);
  std::vector<ProviderModels> all;
  for (std::size_t i = 0; i < lane.config.providers.size(); ++i) {
    // Whose models are meant by a bare name come first, then the others by name.
    const std::size_t index = i == 0 ? first : i <= first ? i - 1 : i;
    const std::string& name = lane.config.providers[index].name;
    if (!wanted->provider.empty() && wanted->provider != name) continue;
    auto listed = co_await get(client, index, question, wanted->refresh);
    if (client.waiting().interrupted() != Interrupt::None) {
      co_return refused(question, failure_of_question(client, Error{}));
    }
    // A provider that fails has none, which does not keep the others from being told.
    if (listed) all.push_back({name, std::move(listed->copy), listed->stale});
  }
  co_return Answer{.body = top_models(all, *wanted, lane.shared.clock.wall())};
}

Task<Result<ModelCatalog::Listed>> ModelCatalog::get(Client& client, std::size_t index,
                                                     const ModelQuestion& question, bool refresh) {
  Lane& lane = client.lane();
  const Provider& provider = lane.config.providers[index];
  const Secret& client_key = *question.key;
  if (provider.auth == AuthMode::ClientKey) {
    auto body = co_await fetch(client, index, client_key);
    if (!body) co_return body.error();
    co_return Listed{{std::move(*body), lane.shared.clock.wall()}, false};
  }
  Kept& kept = kept_[index];
  const bool rests = lane.now < kept.asked_again;
  if (!rests && (!kept.copy || !is_fresh(lane, *kept.copy))) {
    // Another thread may have asked meanwhile, or this proxy before it was started again.
    auto on_disk = store_.read(provider);
    if (on_disk && (!kept.copy || kept.copy->at < on_disk->at)) kept.copy = std::move(on_disk);
  }
  if (kept.copy && !refresh && (rests || is_fresh(lane, *kept.copy))) {
    co_return Listed{*kept.copy, !is_fresh(lane, *kept.copy)};
  }
  auto body = co_await fetch(client, index, client_key);
  if (body) {
    kept.copy = ModelCopy{std::move(*body), lane.shared.clock.wall()};
    kept.asked_again = {};
    store_.write(provider, *kept.copy);
    co_return Listed{*kept.copy, false};
  }
  if (!kept.copy || client.waiting().interrupted() != Interrupt::None) co_return body.error();
  kept.asked_again = lane.now + RestAfterFailure;
  co_return Listed{*kept.copy, true};
}

Task<Result<std::string>> ModelCatalog::fetch(Client& client, std::size_t index,
                                              const Secret& client_key) {
  Lane& lane = client.lane();
  const Provider& provider = lane.config.providers[index];
  const bool anthropic = provider.dialect == Dialect::Anthropic;
  std::string text;
  http1::HeadWriter head(text);
  head.request_line("GET", upstream_target(provider, Endpoint::Models, anthropic ? AllAtOnce : ""));
  head.field("host", provider.base_url.authority);
  if (const auto written = write_credentials(head, provider, client_key); !written) {
    co_return written.error();
  }
  if (anthropic) head.field("anthropic-version", "2023-06-01");
  head.field("accept", "application/json").field("accept-encoding", "identity").end();

  UpstreamRequest request;
  request.pieces.add(text);
  UpstreamCall call(lane.pool(index), prompt_timeouts(provider), client.waiting(), lane.now);
  auto answer = co_await ask(client, call, request, ModelStore::BytesMax);
  if (!answer) co_return answer.error();
  if (answer->head->status() != 200) {
    co_return Error{ErrorKind::UpstreamRejected, "provider '" + provider.name +
                                                     "' answered its list of models with status " +
                                                     std::to_string(answer->head->status())};
  }
  // What is no list must not take the place of one.
  if (const auto is_list = model_list(answer->body, ModelFormat::Raw, {}); !is_list) {
    co_return is_list.error();
  }
  co_return std::move(answer->body);
}

}  // namespace vdm::proxy
