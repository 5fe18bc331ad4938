#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/catalog/model_store.h"
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

/// What providers offer, asked of them and kept: by this thread, and on disk for the
/// others and for later. What is older is asked for again; when the provider then fails, the
/// old list is served and marked: `x-vandamme-stale`, `age`, and a member `stale` of
/// the list. A list that was got with a client's own key is never kept.
/// Thread: its IoThread.
class ModelCatalog {
 public:
  static constexpr std::chrono::minutes Fresh{10};
  /// A provider that has failed is not asked again by everybody at once.
  static constexpr std::chrono::seconds RestAfterFailure{10};

  ModelCatalog(std::size_t providers, const std::string& data_dir)
      : kept_(providers), store_(data_dir) {}

  /// GET /v1/models, in the client's format, whatever the provider's; of a profile: its aliases.
  Task<Answer> list(ClientConnection& client, const ModelQuestion& question);
  /// GET /v1/models/{name}: the model a request for that name would go to.
  Task<Answer> one(ClientConnection& client, const ModelQuestion& question);
  /// GET /top-models, out of every provider's list.
  Task<Answer> top(ClientConnection& client, const ModelQuestion& question);

  /// The provider that `provider` names, or who is asked for a bare name.
  static Result<std::size_t> choose(const Worker& worker, const ModelQuestion& question);

  struct Listed {
    ModelCopy copy;
    bool stale = false;
  };
  /// A provider's list: ours while it is fresh, the provider's, ours although it is old.
  Task<Result<Listed>> get(ClientConnection& client, std::size_t provider,
                           const ModelQuestion& question, bool refresh);

 private:
  struct Kept {
    std::optional<ModelCopy> copy;
    MonotonicTime asked_again{};  ///< after a failure: not before
  };

  Task<Result<std::string>> fetch(ClientConnection& client, std::size_t provider,
                                  const Secret& client_key);

  std::vector<Kept> kept_;
  ModelStore store_;
};

}  // namespace vdm::proxy
