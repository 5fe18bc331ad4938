#pragma once

#include <cstdint>
#include <random>

#include "common/http/reply_writer.h"
#include "common/http/router.h"
#include "deploy/demo-provider/form.h"
#include "deploy/demo-provider/script.h"

namespace vdm::demo {

/// A small honest provider: speaks both dialects, at the speed a person reads,
/// and fails when its model is named so. It understands nothing and says so when
/// it thinks. Thread: its IoThread.
class Provider {
 public:
  /// `speed` 1 is human, 20 is for tests; the waits are divided by it.
  explicit Provider(double speed);

  void add_routes(http::Router& router);

 private:
  http::Awaitable<void> complete(Dialect dialect, const http::Request& request,
                                 http::ReplyWriter& reply);
  http::Awaitable<void> count_tokens(const http::Request& request, http::ReplyWriter& reply);
  http::Awaitable<void> list_models(const http::Request& request, http::ReplyWriter& reply);
  http::Awaitable<void> stream(const Call& call, const Script& script, const Ids& ids,
                               http::ReplyWriter& reply);
  http::Awaitable<void> answer_whole(const Call& call, const Script& script, const Ids& ids,
                                     http::ReplyWriter& reply);
  http::Awaitable<void> refuse(Dialect dialect, int status, std::string message,
                               http::ReplyWriter& reply);

  Ids new_ids();
  std::chrono::microseconds paced(std::chrono::microseconds wait);

  double speed_;
  PromptCache cache_;
  std::minstd_rand random_;
};

}  // namespace vdm::demo
