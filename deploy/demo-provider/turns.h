#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace vdm::demo {

/// One request of the demo traffic, ready to be sent.
struct Turn {
  std::string target;  ///< "/v1/messages"
  std::string client;  ///< User-Agent
  std::string session;
  std::string body;
  bool anthropic = false;
  bool stream = false;
  bool leaves_early = false;  ///< the client hangs up in the middle of the stream
};

/// Decides what one imaginary client sends next: a new question, or the results of the tools that
/// the last answer called. `number` determines its kind (dialect, models, tools, name); `seed`
/// determines its random choices, so a run can be repeated. Pure but for its state.
class Conversation {
 public:
  static constexpr std::size_t Kinds = 6;

  Conversation(std::size_t number, std::uint32_t seed);

  /// The next request. About one in twenty-five fails on purpose.
  Turn next();
  /// Stores the tools that the last answer called, as (id, name); next() sends their results.
  void called(std::vector<std::pair<std::string, std::string>> tools);
  /// How long this client waits before its next request, in milliseconds.
  std::uint32_t thinking_time();

 private:
  std::string pick_model();
  std::string question();
  std::string body_for(const std::string& model, bool stream);
  std::uint32_t chance(std::uint32_t low, std::uint32_t high);

  std::size_t kind_;
  std::minstd_rand random_;
  std::string session_;
  std::string last_question_;
  std::vector<std::pair<std::string, std::string>> called_;
};

}  // namespace vdm::demo
