#include <vector>

#include "proxy-service/completion/exchange.h"

namespace vdm::proxy {
namespace {

/// The memory of finished exchanges, which a thread keeps for its next ones.
struct FreeExchanges {
  static constexpr std::size_t Max = 256;
  std::vector<void*> blocks;
  ~FreeExchanges() {
    for (void* const block : blocks) ::operator delete(block);
  }
};
thread_local FreeExchanges free_exchanges;

}  // namespace

void* Exchange::operator new(std::size_t bytes) {
  std::vector<void*>& blocks = free_exchanges.blocks;
  // Here, since giving back must not fail.
  if (blocks.capacity() == 0) blocks.reserve(FreeExchanges::Max);
  if (blocks.empty()) return ::operator new(bytes);
  void* const block = blocks.back();
  blocks.pop_back();
  return block;
}

void Exchange::operator delete(void* memory) noexcept {
  std::vector<void*>& blocks = free_exchanges.blocks;
  if (blocks.size() == blocks.capacity()) return ::operator delete(memory);
  blocks.push_back(memory);
}

}  // namespace vdm::proxy
