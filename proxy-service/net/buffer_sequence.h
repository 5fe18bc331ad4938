#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <string>
#include <string_view>

#include <sys/uio.h>

namespace vdm::proxy {

/// The bytes that one system call is to write, as views. It holds what is not
/// sent yet: advance() drops what the kernel took. Thread: its owner's.
class BufferSequence {
 public:
  static constexpr std::size_t Max = 12;

  void add(std::string_view bytes) {
    if (bytes.empty()) return;
    assert(last_ < Max);  // no caller adds more than Max
    parts_[last_++] = {const_cast<char*>(bytes.data()), bytes.size()};
    size_ += bytes.size();
  }

  iovec* data() { return parts_.data() + first_; }
  std::size_t count() const { return last_ - first_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void advance(std::size_t sent) {
    size_ -= sent;
    while (sent > 0) {
      iovec& part = parts_[first_];
      const std::size_t step = sent < part.iov_len ? sent : part.iov_len;
      part.iov_base = static_cast<char*>(part.iov_base) + step;
      part.iov_len -= step;
      sent -= step;
      if (part.iov_len == 0) ++first_;
    }
  }

  void append_to(std::string& text) const {
    for (std::size_t i = first_; i < last_; ++i) {
      text.append(static_cast<const char*>(parts_[i].iov_base), parts_[i].iov_len);
    }
  }

 private:
  std::array<iovec, Max> parts_;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  std::size_t size_ = 0;
};

}  // namespace vdm::proxy
