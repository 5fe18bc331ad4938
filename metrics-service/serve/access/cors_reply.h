#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "common/http/reply_writer.h"

namespace vdm::metrics {

/// A ReplyWriter that adds the headers with which an allowed origin's page may read the answer, and
/// forwards everything to another writer. Thread: its IoThread.
class CorsReply final : public http::ReplyWriter {
 public:
  CorsReply(http::ReplyWriter& to, std::string origin) : to_(to), origin_(std::move(origin)) {}

  http::Awaitable<Result<void>> send(const http::ReplyHead& head, std::string_view body) override {
    const http::ReplyHead with = named(head);
    co_return co_await to_.send(with, body);
  }
  http::Awaitable<Result<void>> begin(const http::ReplyHead& head, http::StreamKind kind) override {
    const http::ReplyHead with = named(head);
    co_return co_await to_.begin(with, kind);
  }
  http::Awaitable<Result<void>> write(std::string_view bytes) override { return to_.write(bytes); }
  http::Awaitable<Result<void>> end() override { return to_.end(); }
  bool head_sent() const override { return to_.head_sent(); }

 private:
  http::ReplyHead named(const http::ReplyHead& head) const {
    http::ReplyHead with = head;
    with.headers.push_back({"Access-Control-Allow-Origin", origin_});
    with.headers.push_back({"Vary", "Origin"});
    return with;
  }

  http::ReplyWriter& to_;
  std::string origin_;
};

}  // namespace vdm::metrics
