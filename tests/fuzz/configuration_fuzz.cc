// A configuration file: it is taken whole, or refused with faults that are each one line. What is
// taken differs in nothing from itself, so that reading it again changes nothing.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "proxy-service/config/changes.h"
#include "proxy-service/config/load.h"

namespace {

using namespace vdm::proxy;

void require(bool holds) {
  if (!holds) std::abort();
}

/// A file in memory with these bytes.
std::string file_with(const std::uint8_t* data, std::size_t size) {
  static const int descriptor = ::memfd_create("vandamme.toml", MFD_CLOEXEC);
  const bool written = ::ftruncate(descriptor, 0) == 0 &&
                       ::pwrite(descriptor, data, size, 0) == static_cast<ssize_t>(size);
  require(written);
  return "/proc/self/fd/" + std::to_string(descriptor);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const CommandLine line{.config_file = file_with(data, size)};
  const vdm::Env env(std::map<std::string, std::string>{{"OPENAI_API_KEY", "k"}});
  const auto loaded = load(line, env, Machine{});
  if (const auto* faults = std::get_if<Faults>(&loaded)) {
    require(!faults->empty());
    for (const std::string& fault : *faults) {
      require(!fault.empty());
      require(std::ranges::none_of(fault, [](unsigned char c) { return c < ' ' && c != '\t'; }));
    }
    return 0;
  }
  const Config& config = std::get<Config>(loaded);
  require(changes(config, config).empty());
  return 0;
}
