#pragma once

#include <string>
#include <string_view>

#include "proxy-service/catalog/kept_lists.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// What a client asks about models.
struct ModelQuestion {
  Dialect dialect = Dialect::OpenAi;
  std::string query{};            ///< provider, format (anthropic, openai, raw), refresh
  std::string name{};             ///< of a single model; empty: all
  const Secret* key = nullptr;    ///< the client's own, for providers that want it
  std::string_view request_id{};  ///< for what is refused
};

/// What providers offer, answered to clients. Thread: its IoThread.
class ModelCatalog {
 public:
  ModelCatalog(std::size_t providers, const std::string& data_dir, const DiskAccess& disk)
      : lists_(providers, data_dir, disk) {}

  /// GET /v1/models, in the client's format, whatever the provider's; of a profile: its aliases.
  Task<Answer> list(ClientConnection& client, const ModelQuestion& question);
  /// GET /v1/models/{name}: the model a request for that name would go to.
  Task<Answer> one(ClientConnection& client, const ModelQuestion& question);
  /// GET /top-models, out of every provider's list.
  Task<Answer> top(ClientConnection& client, const ModelQuestion& question);

  /// The provider that `provider` names, or who is asked for a bare name.
  static Result<std::size_t> choose(const Worker& worker, const ModelQuestion& question);
  KeptLists& lists() { return lists_; }

 private:
  KeptLists lists_;
};

}  // namespace vdm::proxy
