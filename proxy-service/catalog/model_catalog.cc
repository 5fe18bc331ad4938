#include "proxy-service/catalog/model_catalog.h"

#include <algorithm>
#include <utility>

#include "proxy-service/catalog/alias_list.h"
#include "proxy-service/catalog/alias_models.h"
#include "proxy-service/catalog/model_facts_list.h"
#include "proxy-service/catalog/model_list.h"
#include "proxy-service/catalog/top_models.h"
#include "proxy-service/routing/model_ref.h"

namespace vdm::proxy {
namespace {

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

void say_whose(Answer& answer, const Worker& worker, std::size_t provider,
               const KeptLists::Listed& listed) {
  answer.fields.emplace_back("x-vandamme-provider", worker.config.providers[provider].name);
  if (!listed.stale) return;
  answer.fields.emplace_back("x-vandamme-stale", "true");
  answer.fields.emplace_back("age", std::to_string(age_of(worker, *listed.copy).count()));
}

KeptLists::Ask asked_how(const ModelQuestion& question) {
  const std::string refresh = query_value(question.query, "refresh");
  const bool always = refresh == "true" || refresh == "1";
  return always ? KeptLists::Ask::Always : KeptLists::Ask::WhenOld;
}

/// A profile's aliases as a list; nothing when `name` means no profile.
std::optional<Answer> profile_list(const Worker& worker, std::string_view name, ModelFormat format,
                                   const ModelQuestion& question) {
  const auto aliases = models_of_profile(worker, name, question.dialect);
  if (!aliases) return std::nullopt;
  if (aliases->empty()) {
    return refused(question, Error{ErrorKind::NotFound, "provider: no such profile"});
  }
  if (format == ModelFormat::Anthropic) {
    if (name.starts_with('#')) name.remove_prefix(1);
    return Answer{.body = with_alias_models({}, alias_models(worker, question.dialect, name))};
  }
  const auto list = model_list(*aliases, format, {});
  return list ? Answer{.body = *list} : refused(question, list.error());
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
  const std::string which = query_value(question.query, "aliases");
  if (!which.empty() && which != "only") {
    const Error unknown{ErrorKind::InvalidRequest, "aliases: expected only, got '" + which + "'"};
    co_return refused(question, unknown);
  }
  if (!which.empty()) {
    co_return Answer{.body = with_alias_models({}, alias_models(worker, question.dialect))};
  }
  if (auto profile = profile_list(worker, name, *format, question)) co_return std::move(*profile);
  std::vector<AliasModel> aliases;
  if (*format == ModelFormat::Anthropic && name.empty()) {
    aliases = alias_models(worker, question.dialect);
  }
  const auto provider = choose(worker, question);
  if (!provider) co_return refused(question, provider.error());
  const KeptLists::Ask ask = asked_how(question);
  const Caller caller = question.caller();
  const auto listed = co_await lists_.get(client, *provider, caller, ask);
  const Interrupt interrupted = client.wait_point().interrupted();
  if (!listed && !aliases.empty() && interrupted == Interrupt::None) {
    Answer answer{.body = with_alias_models({}, aliases)};
    answer.fields.emplace_back("x-vandamme-incomplete", "true");
    co_return answer;
  }
  if (!listed) co_return refused(question, refusal_of(listed.error(), interrupted));
  if (*format == ModelFormat::Facts) {
    const auto facts = list_with_facts(worker, *provider, question.dialect, listed->copy->body);
    if (!facts) co_return refused(question, facts.error());
    Answer answer{.body = *facts};
    say_whose(answer, worker, *provider, *listed);
    co_return answer;
  }
  const auto list = lists_.text(*provider, *listed, *format);
  if (!list) co_return refused(question, list.error());
  Answer answer;
  if (aliases.empty()) {
    answer.shared_body = *list;
  } else {
    answer.body = with_alias_models(**list, aliases);
  }
  say_whose(answer, worker, *provider, *listed);
  co_return answer;
}

Task<Answer> ModelCatalog::one(ClientConnection& client, const ModelQuestion& question) {
  const Worker& worker = client.worker();
  const auto format = model_format(query_value(question.query, "format"), question.dialect);
  if (!format) co_return refused(question, format.error());
  // A balancer of its own, so that a look-up changes no worker's round robin.
  Balancer balancer;
  auto route = worker.snapshot.resolver.resolve(question.name, question.dialect, balancer);
  if (!route) {
    const Error refusal = route.error();
    const Caller caller = question.caller();
    route = co_await resolve_listed(client, question.name, caller, refusal);
  }
  if (!route) co_return refused(question, route.error());
  const auto askable = leave_out_others(*route, worker.config.providers, *question.own);
  if (!askable) co_return refused(question, askable.error());
  const std::size_t provider = route->first.provider;
  const KeptLists::Ask ask = asked_how(question);
  const Caller caller = question.caller();
  const auto listed = co_await lists_.get(client, provider, caller, ask);
  if (!listed)
    co_return refused(question, refusal_of(listed.error(), client.wait_point().interrupted()));
  const auto model = model_of_list(listed->copy->body, route->first.model, *format);
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
  const KeptLists::Ask ask = wanted->refresh ? KeptLists::Ask::Always : KeptLists::Ask::WhenOld;
  const Caller caller = question.caller();
  std::vector<ProviderModels> all;
  for (std::size_t i = 0; i < worker.config.providers.size(); ++i) {
    // First the provider that serves bare names, then the others by name.
    const std::size_t index = i == 0 ? first : i <= first ? i - 1 : i;
    const std::string& name = worker.config.providers[index].name;
    if (!wanted->provider.empty() && wanted->provider != name) continue;
    // A client's own credential is for one provider, and this asks all.
    const Provider& provider = worker.config.providers[index];
    const Target list_of{.provider = index, .dialect = provider.doors.front().dialect};
    const bool wants_own = provider.auth == AuthMode::ClientKey;
    if (wants_own && !may_have(worker.config.providers, list_of, first, *question.own)) continue;
    const auto listed = co_await lists_.get(client, index, caller, ask);
    if (client.wait_point().interrupted() != Interrupt::None) {
      co_return refused(question, refusal_of(Error{}, client.wait_point().interrupted()));
    }
    // A provider that fails is left out; the other providers' lists are still answered.
    if (listed) all.push_back({name, listed->copy, listed->stale});
  }
  co_return Answer{.body = top_models(all, *wanted, worker.snapshot.server.clock.wall())};
}

Task<bool> ModelCatalog::lists(ClientConnection& client, std::size_t provider,
                               std::string_view model, const Caller& caller) {
  const auto listed = co_await lists_.get(client, provider, caller, KeptLists::Ask::WhenOld);
  co_return listed&& lists_.has(provider, *listed, model);
}

}  // namespace vdm::proxy
