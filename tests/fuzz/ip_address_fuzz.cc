// Addresses that a client or a setting writes: what is read is written so that it reads as the
// same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/base/ip_address.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = vdm::parse_ip_address(text)) {
    require(vdm::parse_ip_address(vdm::text_of(*address)) == address);
    require(vdm::parse_ip_endpoint(text) == address);
    require(address->network().network() == address->network());
  }
  if (const auto range = vdm::parse_ip_range(text)) {
    require(range->bits > 0 && range->bits <= 128);
    require(range->contains(range->first));
  }
  return 0;
}
