#pragma once

#include <memory>
#include <string>

#include "common/base/clock.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// A provider's list of models, as it came.
struct ModelCopy {
  std::string body;
  SystemTime at{};  ///< when it came
};
/// Everybody who has a list has the same one. Nothing: there is none.
using SharedModels = std::shared_ptr<const ModelCopy>;

/// The lists of models that providers gave, a file for each: "<data-dir>/models/<provider>.json".
/// One line of JSON says whose it is and since when, the rest is the provider's own; a key is
/// nowhere in it. Written beside and renamed, so that no reader sees half of one; a disk that
/// is full or not ours costs one line in the log and nothing else. It waits for the disk.
/// Thread: read() and write() the disk's, the rest any; several may share the folder.
class ModelStore {
 public:
  static constexpr std::size_t BytesMax = 8 * 1024 * 1024;

  /// Of an empty directory: keeps nothing.
  explicit ModelStore(std::string data_dir);
  bool keeps() const { return !directory_.empty(); }

  /// Whose a list is: no more of a provider than its file says, so no key.
  struct Owner {
    std::string name;
    std::string address;
  };
  static Owner owner(const Provider& provider);

  /// Nothing when there is none, or one of another address of that provider's.
  SharedModels read(const Owner& owner) const;
  void write(const Owner& owner, const ModelCopy& copy);

 private:
  std::string path_of(const Owner& owner) const;

  std::string directory_;
  bool complained_ = false;
};

}  // namespace vdm::proxy
