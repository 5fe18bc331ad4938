#pragma once

#include <memory>
#include <string>

#include "common/base/clock.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// A provider's list of models as the provider sent it.
struct ModelCopy {
  std::string body;
  SystemTime at{};  ///< when it was fetched
};
/// One copy, shared by all that use it; null: there is none.
using SharedModels = std::shared_ptr<const ModelCopy>;

/// Model lists on disk, one file for each provider: "<data-dir>/models/<provider>.json". The first
/// line is JSON with the provider's name, its address and the time of the fetch; below it stands
/// the provider's answer, and no key is anywhere. A write goes to a second file that is renamed, so
/// no reader sees half a file; a disk that is full or not writable costs one line in the log. Calls
/// wait for the disk. Thread: read() and write() the disk's, all others any; several processes may
/// share the folder.
class ModelStore {
 public:
  static constexpr std::size_t BytesMax = 8 * 1024 * 1024;

  /// An empty `data_dir` keeps nothing.
  explicit ModelStore(std::string data_dir);
  bool keeps() const { return !directory_.empty(); }

  /// The provider that a list belongs to. It has only what the file says, so no key.
  struct Owner {
    std::string name;
    std::string address;
  };
  static Owner owner(const Provider& provider);

  /// Null when there is no file or it was fetched from another address of the provider.
  SharedModels read(const Owner& owner) const;
  void write(const Owner& owner, const ModelCopy& copy);

 private:
  std::string path_of(const Owner& owner) const;

  std::string directory_;
  bool complained_ = false;
};

}  // namespace vdm::proxy
