#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy-service/http1/inflater.h"

namespace {

using vdm::http1::Inflater;

struct Text {
  std::string text;
  bool ended = false;
  bool refused = false;
};

/// A text that is refused is not the same to its last byte, however it is cut.
bool same(const Text& a, const Text& b) {
  return a.refused == b.refused && a.ended == b.ended && (a.refused || a.text == b.text);
}

Text inflated(std::string_view bytes, std::size_t piece_bytes) {
  Inflater inflater;
  Text text;
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    inflater.take(bytes.substr(at, piece_bytes));
    for (auto piece = inflater.next(); !piece.empty(); piece = inflater.next()) {
      if (piece.size() > Inflater::PieceBytes) std::abort();
      text.text.append(piece.data(), piece.size());
    }
  }
  text.ended = inflater.ended();
  text.refused = !inflater.refusal().empty();
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Text whole = inflated(bytes, size + 1);
  if (whole.text.size() > Inflater::FreeBytes + Inflater::PieceBytes &&
      whole.text.size() > size * Inflater::RatioMax + Inflater::PieceBytes) {
    std::abort();
  }
  if (!same(whole, inflated(bytes, 3))) std::abort();
  return 0;
}
