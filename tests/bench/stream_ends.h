#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vdm::bench {

/// What the load asks for, and so what a whole answer is.
enum class Answer : std::uint8_t { Json, ChatStream, MessagesStream };

/// The two ends of a streamed body, which tell whether all of it came: between them a
/// gateway that loses its place reports an error or closes. Reading each event would
/// cost the load more than some gateways spend on it. Thread: one.
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
