#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vdm::bench {

/// The kind of answer that the load requests, by which it knows a whole one.
enum class Answer : std::uint8_t { Json, ChatStream, MessagesStream };

/// The beginning and the end of a streamed body, which show whether all of it arrived: a gateway
/// that fails in between reports an error or closes the connection. Reading each event would cost
/// the load more than some gateways spend on it. Thread: one.
class StreamEnds {
 public:
  void clear();
  void note(std::string_view payload);
  bool whole(Answer answer) const;

 private:
  std::string begin_;
  std::string end_;
};

}  // namespace vdm::bench
