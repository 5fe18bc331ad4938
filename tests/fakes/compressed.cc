#include "tests/fakes/compressed.h"

#include <zlib.h>

#include <cstdlib>

namespace vdm::fakes {

std::string compressed(std::string_view text, Coding coding) {
  constexpr int GzipBits = 15 + 16;
  constexpr int ZlibBits = 15;
  constexpr int RawBits = -15;
  const int bits = coding == Coding::Gzip      ? GzipBits
                   : coding == Coding::Deflate ? ZlibBits
                                               : RawBits;
  z_stream z{};
  if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();
  }
  std::string input(text);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(input.data());
  z.avail_in = static_cast<uInt>(input.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) std::abort();
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

}  // namespace vdm::fakes
