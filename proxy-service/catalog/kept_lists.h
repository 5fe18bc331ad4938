#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/secret.h"
#include "proxy-service/catalog/disk_thread.h"
#include "proxy-service/catalog/model_list.h"
#include "proxy-service/catalog/model_store.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// The lists of a worker's providers: asked for once for all who want one at the same time,
/// and kept by this worker, and on disk for the others and for later. What is older is asked
/// for again; when the provider then fails, the old list is given and said to be stale. Who asks
/// for all may leave: one of those who wait asks in its place. A list that was got with a client's
/// own key is never kept, and nobody else's. Thread: its IoThread.
class KeptLists {
 public:
  static constexpr std::chrono::minutes Fresh{10};
  /// A provider that has failed is not asked again by everybody at once.
  static constexpr std::chrono::seconds RestAfterFailure{10};
  /// A disk that takes longer is done without.
  static constexpr std::chrono::milliseconds DiskPatience{1000};

  KeptLists(std::size_t providers, const std::string& data_dir, const DiskAccess& disk)
      : kept_(providers), store_(std::make_shared<ModelStore>(data_dir)), disk_(disk) {}

  struct Listed {
    SharedModels copy;
    bool stale = false;
  };
  enum class Ask : std::uint8_t { WhenOld, Always };
  /// Ours while it is fresh, the provider's, ours although it is old.
  Task<Result<Listed>> get(ClientConnection& client, std::size_t provider, const Secret& client_key,
                           Ask ask);

  /// The list, written for a client; the same text for all as long as the list is kept.
  Result<SharedText> text(std::size_t provider, const Listed& listed, ModelFormat format);

 private:
  struct Round;
  class Leading;
  struct Kept {
    SharedModels copy{};
    std::array<SharedText, ModelFormats> written{};  ///< the copy, by format
    MonotonicTime asked_again{};                     ///< after a failure: not before
    std::shared_ptr<Round> round{};  ///< somebody asks: who wants it too waits for that

    void take(SharedModels newer) {
      copy = std::move(newer);
      written = {};
    }
  };

  static std::optional<Listed> usable(const Worker& worker, const Kept& kept, Ask ask);
  Task<Result<Listed>> lead(ClientConnection& client, std::size_t provider,
                            const Secret& client_key, Ask ask);
  Task<SharedModels> read(ClientConnection& client, const Provider& provider);
  void write(const Provider& provider, const SharedModels& copy);

  std::vector<Kept> kept_;  ///< by provider
  const std::shared_ptr<ModelStore> store_;
  const DiskAccess disk_;
};

}  // namespace vdm::proxy
