#include "proxy-service/catalog/model_catalog.h"

#include <algorithm>
#include <utility>

#include "proxy-service/catalog/alias_list.h"
#include "proxy-service/catalog/model_list.h"
#include "proxy-service/catalog/top_models.h"
#include "proxy-service/routing/model_ref.h"
#include "proxy-service/upstream/credentials.h"
#include "proxy-service/upstream/whole_answer.h"

namespace vdm::proxy {
namespace {

// Anthropic's own default is 20 of them.
constexpr std::string_view AllAtOnce = "limit=1000";

Answer refused(const ModelQuestion& question, const Refusal& refusal) {
  return {.status = refusal.status,
          .body = error_body(question.dialect, refusal, question.request_id)};
}

Answer refused(const ModelQuestion& question, const Error& error) {
  return refused(question, refusal_of(error));
}

std::chrono::seconds age_of(const Worker& worker, const ModelCopy& copy) {
  const auto age = worker.snapshot.server.clock.wall() - copy.at;
  return std::chrono::duration_cast<std::chrono::seconds>(std::max(age, age.zero()));
}

bool is_fresh(const Worker& worker, const ModelCopy& copy) {
  // One from the future says that a clock was put right: nobody knows how old it is.
  return copy.at <= worker.snapshot.server.clock.wall() &&
         age_of(worker, copy) < ModelCatalog::Fresh;
}

void say_whose(Answer& answer, const Worker& worker, std::size_t provider,
               const ModelCatalog::Listed& listed) {
  answer.fields.emplace_back("x-vandamme-provider", worker.config.providers[provider].name);
  if (!listed.stale) return;
  answer.fields.emplace_back("x-vandamme-stale", "true");
  answer.fields.emplace_back("age", std::to_string(age_of(worker, listed.copy).count()));
}

bool wants_refresh(const ModelQuestion& question) {
  const std::string refresh = query_value(question.query, "refresh");
  return refresh == "true" || refresh == "1";
}

}  // namespace

Result<std::size_t> ModelCatalog::choose(const Worker& worker, const ModelQuestion& question) {
  const std::string name = query_value(question.query, "provider");
  if (!name.empty()) {
    if (const auto found = find_provider(worker.config.providers, name)) return *found;
    return Error{ErrorKind::NotFound, "provider: no provider of that name is configured"};
  }
  if (const auto asked = worker.snapshot.resolver.asked(question.dialect)) return *asked;
  if (!worker.config.providers.empty()) return std::size_t{0};
  return Error{ErrorKind::NotFound, "no provider is configured"};
}

Task<Answer> ModelCatalog::list(ClientConnection& client, const ModelQuestion& question) {
  const Worker& worker = client.worker();
  const auto format = model_format(query_value(question.query, "format"), question.dialect);
  if (!format) co_return refused(question, format.error());
  const std::string name = query_value(question.query, "provider");
  if (const auto aliases = models_of_profile(worker, name, question.dialect)) {
    const auto list = aliases->empty() ? Error{ErrorKind::NotFound, "provider: no such profile"}
                                       : model_list(*aliases, *format, {});
    if (!list) co_return refused(question, list.error());
    co_return Answer{.body = *list};
  }
  const auto provider = choose(worker, question);
  if (!provider) co_return refused(question, provider.error());
  const auto listed = co_await get(client, *provider, question, wants_refresh(question));
  if (!listed)
    co_return refused(question, refusal_of(listed.error(), client.wait_point().interrupted()));
  const ListMark mark{listed->stale, listed->copy.at};
  const auto list = model_list(listed->copy.body, *format, mark);
  if (!list) co_return refused(question, list.error());
  Answer answer{.body = *list};
  say_whose(answer, worker, *provider, *listed);
  co_return answer;
}

Task<Answer> ModelCatalog::one(ClientConnection& client, const ModelQuestion& question) {
  const Worker& worker = client.worker();
  const auto format = model_format(query_value(question.query, "format"), question.dialect);
  if (!format) co_return refused(question, format.error());
  // A balancer of its own: looking takes nobody's turn.
  Balancer balancer;
  const auto route = worker.snapshot.resolver.resolve(question.name, question.dialect, balancer);
  if (!route) co_return refused(question, route.error());
  const std::size_t provider = route->first.provider;
  const auto listed = co_await get(client, provider, question, wants_refresh(question));
  if (!listed)
    co_return refused(question, refusal_of(listed.error(), client.wait_point().interrupted()));
  const auto model = model_of_list(listed->copy.body, route->first.model, *format);
  if (!model) co_return refused(question, model.error());
  Answer answer{.body = *model};
  say_whose(answer, worker, provider, *listed);
  co_return answer;
}

Task<Answer> ModelCatalog::top(ClientConnection& client, const ModelQuestion& question) {
  const Worker& worker = client.worker();
  const auto wanted = top_models_wanted(question.query);
  if (!wanted) co_return refused(question, wanted.error());
  const std::size_t first = worker.snapshot.resolver.asked(question.dialect).value_or(0);
  std::vector<ProviderModels> all;
  for (std::size_t i = 0; i < worker.config.providers.size(); ++i) {
    // Whose models are meant by a bare name come first, then the others by name.
    const std::size_t index = i == 0 ? first : i <= first ? i - 1 : i;
    const std::string& name = worker.config.providers[index].name;
    if (!wanted->provider.empty() && wanted->provider != name) continue;
    auto listed = co_await get(client, index, question, wanted->refresh);
    if (client.wait_point().interrupted() != Interrupt::None) {
      co_return refused(question, refusal_of(Error{}, client.wait_point().interrupted()));
    }
    // A provider that fails has none, which does not keep the others from being told.
    if (listed) all.push_back({name, std::move(listed->copy), listed->stale});
  }
  co_return Answer{.body = top_models(all, *wanted, worker.snapshot.server.clock.wall())};
}

Task<Result<ModelCatalog::Listed>> ModelCatalog::get(ClientConnection& client, std::size_t index,
                                                     const ModelQuestion& question, bool refresh) {
  Worker& worker = client.worker();
  const Provider& provider = worker.config.providers[index];
  const Secret& client_key = *question.key;
  if (provider.auth == AuthMode::ClientKey) {
    auto body = co_await fetch(client, index, client_key);
    if (!body) co_return body.error();
    co_return Listed{{std::move(*body), worker.snapshot.server.clock.wall()}, false};
  }
  Kept& kept = kept_[index];
  const bool rests = worker.now < kept.asked_again;
  if (!rests && (!kept.copy || !is_fresh(worker, *kept.copy))) {
    // Another thread may have asked meanwhile, or this proxy before it was started again.
    auto on_disk = store_.read(provider);
    if (on_disk && (!kept.copy || kept.copy->at < on_disk->at)) kept.copy = std::move(on_disk);
  }
  if (kept.copy && !refresh && (rests || is_fresh(worker, *kept.copy))) {
    co_return Listed{*kept.copy, !is_fresh(worker, *kept.copy)};
  }
  auto body = co_await fetch(client, index, client_key);
  if (body) {
    kept.copy = ModelCopy{std::move(*body), worker.snapshot.server.clock.wall()};
    kept.asked_again = {};
    store_.write(provider, *kept.copy);
    co_return Listed{*kept.copy, false};
  }
  if (!kept.copy || client.wait_point().interrupted() != Interrupt::None) co_return body.error();
  kept.asked_again = worker.now + RestAfterFailure;
  co_return Listed{*kept.copy, true};
}

Task<Result<std::string>> ModelCatalog::fetch(ClientConnection& client, std::size_t index,
                                              const Secret& client_key) {
  Worker& worker = client.worker();
  const Provider& provider = worker.config.providers[index];
  const bool anthropic = provider.dialect == Dialect::Anthropic;
  const OwnRequest list{
      .method = "GET", .endpoint = Endpoint::Models, .query = anthropic ? AllAtOnce : ""};
  const auto head = own_request_head(provider, client_key, list);
  if (!head) co_return head.error();

  UpstreamRequest request;
  request.buffers.add(*head);
  UpstreamCall call(worker.pool(index), prompt_timeouts(provider), client.wait_point(), worker.now);
  auto answer = co_await fetch_whole(call, request, ModelStore::BytesMax);
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
