#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/chat/call_match.h"
#include "proxy-service/convert/json/argument_scan.h"

namespace vdm::proxy {

/// Puts the chunks of an OpenAI stream together to the whole answer, with all of its choices and
/// the members that it does not know. Bounds: `choices_max` and `calls_max`; the caller bounds the
/// bytes. Thread: its owner's.
class AssembledChat {
 public:
  static constexpr std::size_t choices_max = 128;
  static constexpr std::size_t calls_max = 128;  ///< of a choice

  /// Takes one chunk.
  void take(const boost::json::object& chunk);
  /// The provider has sent [DONE].
  void end() { done_ = true; }
  /// The answer; it has an error if the stream told one. An error of UpstreamRejected when the
  /// stream ended before its answer did.
  Result<boost::json::object> take_answer() &&;

 private:
  struct Call : CallSign {
    boost::json::object members{};
    std::string arguments{};
    ArgumentScan scan{};
  };
  struct Choice {
    std::uint64_t index = 0;
    boost::json::object members{};
    boost::json::object message{};
    std::vector<Call> calls{};
  };

  Choice* choice_of(const boost::json::object& said);
  void add(const boost::json::object& said, Choice& choice);
  void add_message(const boost::json::object& delta, Choice& choice);
  void add_call(const boost::json::object& said, CallPiece piece, Choice& choice);
  static boost::json::object whole(Choice& choice);

  boost::json::object answer_;
  std::vector<Choice> choices_;
  bool done_ = false;
};

}  // namespace vdm::proxy
