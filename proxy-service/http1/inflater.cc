#include "proxy-service/http1/inflater.h"

#include <algorithm>
#include <new>

#include <zlib.h>

#include "common/http1/field_name.h"

namespace vdm::http1 {
namespace {

constexpr int AnyFrame = 15 + 32;  ///< zlib's or gzip's, told apart by its header
constexpr int NoFrame = -15;

/// Whether two bytes begin zlib's frame, which "deflate" means; some servers send none.
bool is_zlib_header(unsigned char first, unsigned char second) {
  return (first & 0x0f) == 8 && (first * 256 + second) % 31 == 0;
}

Bytef* bytes_of(char* text) { return reinterpret_cast<Bytef*>(text); }

}  // namespace

struct Inflater::Stream {
  z_stream z{};
  bool open = false;

  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    if (open) inflateEnd(&z);
  }
};

bool Inflater::undoes(std::string_view content_encoding) {
  const std::string_view coding = trimmed(content_encoding);
  return equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip") ||
         equal_ignoring_case(coding, "deflate");
}

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

void Inflater::take(std::string_view bytes) {
  if (state_ == State::Ended || state_ == State::Refused) return;
  in_.erase(0, taken_);
  taken_ = 0;
  in_.append(bytes);
  bytes_in_ += bytes.size();
}

bool Inflater::begin() {
  if (in_.size() - taken_ < 2) return false;
  const auto first = static_cast<unsigned char>(in_[taken_]);
  const auto second = static_cast<unsigned char>(in_[taken_ + 1]);
  const bool framed = is_gzip(in_) || is_zlib_header(first, second);
  if (inflateInit2(&stream_->z, framed ? AnyFrame : NoFrame) != Z_OK) throw std::bad_alloc();
  stream_->open = true;
  piece_.resize(PieceBytes);
  state_ = State::Inflates;
  return true;
}

std::span<char> Inflater::next() {
  if (state_ == State::Begins && !begin()) return {};
  if (state_ != State::Inflates) return {};
  z_stream& z = stream_->z;
  z.next_in = bytes_of(in_.data() + taken_);
  z.avail_in = static_cast<uInt>(in_.size() - taken_);
  z.next_out = bytes_of(piece_.data());
  z.avail_out = static_cast<uInt>(piece_.size());
  const int result = inflate(&z, Z_SYNC_FLUSH);
  taken_ = in_.size() - z.avail_in;
  const std::size_t size = piece_.size() - z.avail_out;
  bytes_out_ += size;
  // Bytes after the end belong to nothing; another text behind the first is not sent over HTTP.
  if (result == Z_STREAM_END) state_ = State::Ended;
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  const bool broken = result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR;
  if (broken) refuse("its compressed answer is damaged");
  if (bytes_out_ > FreeBytes && bytes_out_ > bytes_in_ * RatioMax) {
    refuse("its compressed answer expands too much");
  }
  if (state_ == State::Refused) return {};
  return {piece_.data(), size};
}

void Inflater::refuse(std::string_view why) {
  state_ = State::Refused;
  refusal_ = why;
}

}  // namespace vdm::http1
