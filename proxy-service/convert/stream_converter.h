#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "proto/contract/event.h"
#include "proxy-service/convert/chat_to_messages/stream.h"
#include "proxy-service/convert/messages_to_chat/stream.h"

namespace vdm::proxy {

/// Converts a stream from the provider's dialect to the client's other dialect. When a step has a
/// `violation` or finish() returns false, the caller, and only the caller, writes the client's
/// error event. Thread: its owner's.
class StreamConverter {
 public:
  StreamConverter(Dialect upstream, StreamOptions options, JsonIndexer& indexer)
      : machine_(
            upstream == Dialect::OpenAi
                ? Machine(std::in_place_type<StreamChatToMessages>, std::move(options), indexer)
                : Machine(std::in_place_type<StreamMessagesToChat>, options, indexer)) {}

  StreamStep push(std::string_view event, std::string& out) {
    return std::visit([&](auto& machine) { return machine.push(event, out); }, machine_);
  }
  bool finish(std::string& out) {
    return std::visit([&](auto& machine) { return machine.finish(out); }, machine_);
  }

 private:
  using Machine = std::variant<StreamChatToMessages, StreamMessagesToChat>;
  Machine machine_;
};

}  // namespace vdm::proxy
