#pragma once

#include <string>
#include <string_view>

#include "proxy-service/catalog/kept_lists.h"
#include "proxy-service/worker/client_connection.h"
#include "proxy-service/worker/listed_models.h"

namespace vdm::proxy {

/// What a client asks about models.
struct ModelQuestion {
  Dialect dialect = Dialect::OpenAi;
  std::string query{};  ///< provider, format (anthropic, openai, raw, facts), refresh, aliases
  std::string name{};   ///< the single model asked for; empty: all
  const ClientCredential* own = nullptr;  ///< for a provider that wants the client's
  std::string_view request_id{};          ///< for the body of a refusal

  Caller caller() const { return {*own, dialect}; }
};

/// Answers the routes about the models that providers offer. Thread: its IoThread.
class ModelCatalog final : public ListedModels {
 public:
  ModelCatalog(std::size_t providers, const std::string& data_dir, const DiskAccess& disk)
      : lists_(providers, data_dir, disk) {}

  /// GET /v1/models in the client's format, whatever the provider's dialect; for a profile, its
  /// aliases. In Anthropic's form, unless a provider is named, the aliases come first; they are
  /// answered alone, with `x-vandamme-incomplete: true`, when the provider's list cannot be had. In
  /// whatever form, `aliases=only` answers them in Anthropic's and calls no provider.
  Task<Answer> list(ClientConnection& client, const ModelQuestion& question);
  /// GET /v1/models/{name}: the model that a request for that name would go to.
  Task<Answer> one(ClientConnection& client, const ModelQuestion& question);
  /// GET /top-models, from all providers' lists.
  Task<Answer> top(ClientConnection& client, const ModelQuestion& question);

  Task<bool> lists(ClientConnection& client, std::size_t provider, std::string_view model,
                   const Caller& caller) override;

  /// The provider that the query's `provider` names, or the one that serves bare names.
  static Result<std::size_t> choose(const Worker& worker, const ModelQuestion& question);
  KeptLists& kept() { return lists_; }

 private:
  KeptLists lists_;
};

}  // namespace vdm::proxy
