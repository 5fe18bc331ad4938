#include "proxy-service/upstream/whole_answer.h"

#include <algorithm>

namespace vdm::proxy {
namespace {

// The longest wait for an answer's first byte, and between two reads of its body.
constexpr std::chrono::milliseconds PromptTime{30'000};

struct Unreported final : UpstreamCall::Progress {
  void connecting(bool) override {}
  void connected() override {}
  void first_byte() override {}
};

}  // namespace

UpstreamTimeouts prompt_timeouts(const Provider& provider) {
  UpstreamTimeouts timeouts = provider.timeouts;
  timeouts.first_byte = std::min(timeouts.first_byte, PromptTime);
  return timeouts;
}

Task<Result<WholeAnswer>> fetch_answer(UpstreamCall& call, const UpstreamRequest& request,
                                       std::size_t bytes_max) {
  Unreported unreported;
  const auto answered = co_await call.exchange(request, unreported);
  if (!answered) co_return answered.error();
  WholeAnswer answer{*answered, {}};
  const int status = answer.head->status();
  if (status >= 300 && status < 400) {
    co_return Error{ErrorKind::UpstreamRejected, "the provider answered with a redirect"};
  }
  if (!call.readable()) {
    co_return Error{ErrorKind::UpstreamRejected,
                    "the provider's answer is compressed in a way that was not asked for"};
  }
  call.keep_head();
  for (;;) {
    call.set_deadline(PromptTime);
    const auto payload = co_await call.body();
    if (!payload) co_return payload.error();
    if (payload->empty()) break;
    if (answer.body.size() + payload->size() > bytes_max) {
      co_return Error{ErrorKind::UpstreamRejected, "the provider's answer is longer than " +
                                                       std::to_string(bytes_max) + " bytes"};
    }
    answer.body.append(payload->data(), payload->size());
  }
  call.finish();
  co_return answer;
}

}  // namespace vdm::proxy
