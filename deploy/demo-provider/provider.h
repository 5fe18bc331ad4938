#pragma once

#include <cstdint>
#include <random>

#include "common/http/reply_writer.h"
#include "common/http/router.h"
#include "deploy/demo-provider/form.h"
#include "deploy/demo-provider/script.h"

namespace vdm::demo {

/// A small provider that speaks both dialects, at the speed at which a person reads. It fails when
/// the model's name asks for it. It understands nothing, and admits it in its thinking. Thread: its
/// IoThread.
class Provider {
 public:
  /// The provider divides its waits by `speed`: 1 for people, 20 for tests.
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
