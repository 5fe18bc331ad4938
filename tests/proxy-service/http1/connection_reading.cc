#include "tests/proxy-service/http1/connection_reading.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "common/http1/request_head.h"
#include "proxy-service/http1/body.h"
#include "proxy-service/http1/response_head.h"

namespace vdm::http1 {
namespace {

std::string refused(const MessageRefusal& refusal) {
  return "refused " + std::to_string(refusal.status) + " " + std::string(refusal.reason) + "\n";
}

std::string described(const Fields& fields) {
  std::string text;
  for (const Field field : fields) {
    text.append(field.name).append("=").append(field.value);
    text.append(fields.is_end_to_end(field) ? "\n" : " (hop)\n");
  }
  return text;
}

std::string described(const RequestHead& head) {
  std::string text(text_of(head.method()));
  text.append(" ").append(head.path()).append(" ? ").append(head.query()).append(" at ");
  text.append(head.host()).append(" 1.").append(std::to_string(head.minor_version()));
  text.append(head.keep_alive() ? " keep" : " close");
  text.append(head.expect_continue() ? " expect\n" : "\n");
  return text + described(head.fields());
}

std::string described(const ResponseHead& head) {
  std::string text = std::to_string(head.status()) + " " + std::string(head.reason());
  text.append(head.keep_alive() ? " keep\n" : " close\n");
  return text + described(head.fields());
}

/// A peer's half of a connection, fed part by part.
template <class Head>
class Connection {
 public:
  void receive(std::string_view part) {
    if (over_) return;
    // A fresh allocation each time, of the exact size: reading beyond it, or a
    // view kept across the move, is an error AddressSanitizer sees.
    auto grown = std::make_unique<char[]>(size_ + part.size());
    std::copy_n(bytes_.get(), size_, grown.get());
    std::copy(part.begin(), part.end(), grown.get() + size_);
    bytes_ = std::move(grown);
    size_ += part.size();
    while (!over_ && step()) {
    }
  }

  std::string outcome() {
    if (!over_ && in_body_) text_.append(body_.end_of_stream() ? "[ended]\n" : "[cut]\n");
    return text_ + "left " + std::string(bytes_.get(), size_);
  }

 private:
  bool step() { return in_body_ ? step_body() : step_head(); }

  bool step_head() {
    if (size_ == 0) return false;
    switch (head_.read({bytes_.get(), size_})) {
      case Progress::NeedMore:
        return false;
      case Progress::Refused:
        text_.append(refused(head_.refusal()));
        drop(size_);
        over_ = true;
        return false;
      case Progress::Complete:
        text_.append(described(head_));
        body_ = BodyDecoder::of(head_);
        drop(head_.bytes());
        head_.clear();
        in_body_ = true;
        return true;
    }
    std::abort();
  }

  bool step_body() {
    std::string_view bytes(bytes_.get(), size_);
    while (!bytes.empty() && body_.reading()) text_.append(body_.next(bytes));
    drop(size_ - bytes.size());
    if (body_.refused()) {
      text_.append("\n").append(refused(body_.refusal()));
      drop(size_);
      over_ = true;
    } else if (body_.done()) {
      text_.append("[end]\n");
      in_body_ = false;
      return size_ > 0;
    }
    return false;
  }

  void drop(std::size_t count) {
    std::copy(bytes_.get() + count, bytes_.get() + size_, bytes_.get());
    size_ -= count;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  Head head_;
  BodyDecoder body_;
  bool in_body_ = false;
  bool over_ = false;
  std::string text_;
};

template <class Head>
std::string read_all(const std::vector<std::string_view>& parts) {
  Connection<Head> connection;
  for (const std::string_view part : parts) connection.receive(part);
  return connection.outcome();
}

}  // namespace

std::string read_requests(const std::vector<std::string_view>& parts) {
  return read_all<RequestHead>(parts);
}

std::string read_responses(const std::vector<std::string_view>& parts) {
  return read_all<ResponseHead>(parts);
}

std::string read_chunked(const std::vector<std::string_view>& parts) {
  BodyDecoder body = BodyDecoder::chunked();
  std::string payload;
  std::string rest;
  for (std::string_view bytes : parts) {
    while (!bytes.empty() && body.reading()) payload.append(body.next(bytes));
    rest.append(bytes);
  }
  if (body.refused()) return payload + "\n" + refused(body.refusal());
  return payload + (body.done() ? "[end]" : "[more]") + rest;
}

}  // namespace vdm::http1
