#pragma once

#include <optional>
#include <string>

#include "common/base/clock.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// A provider's list of models, as it came.
struct ModelCopy {
  std::string body;
  SystemTime at{};  ///< when it came
};

/// The lists of models that providers gave, a file for each: "<data-dir>/models/<provider>.json".
/// One line of JSON says whose it is and since when, the rest is the provider's own; a key is
/// nowhere in it. Written beside and renamed, so that no reader sees half of one; a disk that
/// is full or not ours costs one line in the log and nothing else. Thread: its owner's; several may
/// share the folder.
class ModelStore {
 public:
  static constexpr std::size_t BytesMax = 8 * 1024 * 1024;

  /// Of an empty directory: keeps nothing.
  explicit ModelStore(std::string data_dir);

  /// Nothing when there is none, or one of another address of that provider's.
  std::optional<ModelCopy> read(const Provider& provider) const;
  void write(const Provider& provider, const ModelCopy& copy);

 private:
  std::string path_of(const Provider& provider) const;

  std::string directory_;
  bool complained_ = false;
};

}  // namespace vdm::proxy
