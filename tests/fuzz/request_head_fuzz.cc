#include <cstddef>
#include <cstdint>

#include "tests/fuzz/http1_splits.h"
#include "tests/proxy-service/http1/connection_reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  vdm::fuzz::expect_same_for_splits(vdm::http1::read_requests, stream);
  return 0;
}
