#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "common/base/result.h"

namespace vdm::proxy {

/// Puts the events of an Anthropic stream together to the whole message. It copies members and
/// blocks that it does not know. Bounds: `blocks_max` blocks; the caller bounds the bytes. Thread:
/// its owner's.
class AssembledMessage {
 public:
  static constexpr std::size_t blocks_max = 1024;

  /// Takes the data of one event. False: the answer is complete, and nothing more counts.
  bool take(const boost::json::object& event);
  /// The message, or the error that the stream told. An error of UpstreamRejected when the stream
  /// ended before its message did.
  Result<boost::json::object> take_answer() &&;

 private:
  struct Block {
    std::uint64_t index = 0;
    boost::json::object content{};
    std::string input{};  ///< the JSON of a tool's input, in pieces
  };

  void open(const boost::json::object& event);
  void add_delta(const boost::json::object& event);
  void add_end(const boost::json::object& event);
  Block* block_of(const boost::json::object& event);

  boost::json::object message_;
  std::vector<Block> blocks_;
  bool ended_ = false;
};

}  // namespace vdm::proxy
