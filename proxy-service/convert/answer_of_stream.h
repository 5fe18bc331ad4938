#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/base/sse.h"
#include "proto/contract/event.h"
#include "proxy-service/convert/chat/assembled_chat.h"
#include "proxy-service/convert/messages/assembled_message.h"

namespace vdm::proxy {

/// Puts a stream together to the whole answer in the same dialect, for a client that asked for no
/// stream when the provider sent one all the same. From then on it is as if the provider had
/// answered whole. Bounds: `bytes_max` of a stream. Thread: its owner's.
class AnswerOfStream {
 public:
  AnswerOfStream(Dialect upstream, std::size_t bytes_max);

  /// Takes the stream's next bytes. False when nothing more counts: the answer is complete, or the
  /// stream cannot be read.
  bool take(std::string_view bytes);
  /// The answer's JSON, which may tell an error, once the stream has ended. An error of
  /// UpstreamRejected when the stream broke off or cannot be read.
  Result<std::string> take_answer() &&;

 private:
  bool take(const SseEvent& event);

  SseSplitter splitter_;
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::variant<AssembledChat, AssembledMessage> answer_;
  std::vector<SseEvent> events_;
  bool complete_ = false;  ///< what follows does not count
  std::string_view violation_;
};

}  // namespace vdm::proxy
