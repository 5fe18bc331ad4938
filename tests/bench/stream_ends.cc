#include "tests/bench/stream_ends.h"

namespace vdm::bench {
namespace {

constexpr std::string_view MessageStart = "event: message_start\n";
// The longest end that is searched for, with room for blanks and further members.
constexpr std::size_t EndMax = 64;

}  // namespace

void StreamEnds::clear() {
  begin_.clear();
  end_.clear();
}

void StreamEnds::note(std::string_view payload) {
  if (begin_.size() < MessageStart.size()) {
    begin_.append(payload.substr(0, MessageStart.size() - begin_.size()));
  }
  if (payload.size() >= EndMax) {
    end_.assign(payload.substr(payload.size() - EndMax));
  } else {
    end_.append(payload);
    if (end_.size() > EndMax) end_.erase(0, end_.size() - EndMax);
  }
}

bool StreamEnds::whole(Answer answer) const {
  const std::string_view end = end_;
  if (answer == Answer::ChatStream) return end.ends_with("data: [DONE]\n\n");
  return begin_ == MessageStart && end.find("event: message_stop\n") != end.npos &&
         end.ends_with("}\n\n");
}

}  // namespace vdm::bench
