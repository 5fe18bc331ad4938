#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy-service/catalog/disk_thread.h"
#include "proxy-service/catalog/model_list.h"
#include "proxy-service/catalog/model_store.h"
#include "proxy-service/upstream/credentials.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// The providers' model lists of one worker: one fetch serves every session that wants the list at
/// the time, the worker keeps it, and the disk keeps it for other workers and later runs. A list
/// that is not fresh is fetched again; if the provider fails then, clients get the old list marked
/// stale. When the fetching session's client leaves, a waiting session fetches instead. A list
/// fetched with a client's own key is neither kept nor shared. Thread: its IoThread.
class KeptLists {
 public:
  static constexpr std::chrono::minutes Fresh{10};
  /// After a failure no session asks the provider again for this long.
  static constexpr std::chrono::seconds RestAfterFailure{10};
  /// A disk that takes longer is not waited for.
  static constexpr std::chrono::milliseconds DiskWaitMax{1000};

  KeptLists(std::size_t providers, const std::string& data_dir, const DiskAccess& disk)
      : kept_(providers), store_(std::make_shared<ModelStore>(data_dir)), disk_(disk) {}

  struct Listed {
    SharedModels copy;
    bool stale = false;
  };
  enum class Ask : std::uint8_t { WhenOld, Always };
  /// The kept list while it is fresh, else the provider's, else the kept one although it is old.
  /// Unauthorized for a provider that wants the client's credential and may not have the caller's.
  Task<Result<Listed>> get(ClientConnection& client, std::size_t provider, const Caller& caller,
                           Ask ask);

  /// The list in a client's format. While the list is kept, all clients share one text.
  Result<SharedText> text(std::size_t provider, const Listed& listed, ModelFormat format);
  /// Whether the list has a model of exactly that name.
  bool has(std::size_t provider, const Listed& listed, std::string_view model);

 private:
  struct Round;
  class Leading;
  struct Kept {
    SharedModels copy{};
    std::array<SharedText, ModelFormats> written{};  ///< the copy, by format
    std::vector<std::string> names{};                ///< the copy's models, sorted, once asked for
    MonotonicTime asked_again{};                     ///< after a failure: no fetch before this time
    std::shared_ptr<Round> round{};  ///< the fetch under way, which other sessions wait for

    void take(SharedModels newer) {
      copy = std::move(newer);
      written = {};
      names = {};
    }
  };

  static std::optional<Listed> usable(const Worker& worker, const Kept& kept, Ask ask);
  Task<Result<Listed>> lead(ClientConnection& client, std::size_t provider, const Caller& caller,
                            Ask ask);
  Task<SharedModels> read(ClientConnection& client, const Provider& provider);
  void write(const Provider& provider, const SharedModels& copy);

  std::vector<Kept> kept_;  ///< by provider
  const std::shared_ptr<ModelStore> store_;
  const DiskAccess disk_;
};

}  // namespace vdm::proxy
