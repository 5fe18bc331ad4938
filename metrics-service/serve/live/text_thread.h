#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/http/io_thread.h"

namespace vdm::metrics {

/// A text that is being made on another thread. Thread: owner only.
class PendingText {
 public:
  explicit PendingText(boost::asio::io_context& owner);

  /// Whether what it will show has been decided.
  bool is_taken() const { return is_taken_; }
  /// Waits until the text is made. Any number of coroutines may wait; the object must outlive them.
  http::Awaitable<std::shared_ptr<const std::string>> made();

 private:
  friend class TextThread;

  boost::asio::steady_timer wake_;
  std::shared_ptr<const std::string> text_;  ///< null: not made yet
  bool is_taken_ = false;
};

/// Makes long texts on a thread of its own, one at a time and in the order in which they were asked
/// for, so that nothing that the owner does waits for them. Declare it after the owner's IoThread.
/// Memory: what each text is made from, until it is made. Thread: owner only.
class TextThread {
 public:
  /// Makes a text on the other thread: it may touch only values that it holds and nobody alters.
  using Write = std::function<std::string()>;
  /// Decides on the owner's thread what the text shows.
  using Take = std::function<Write()>;

  explicit TextThread(boost::asio::io_context& owner);
  TextThread(const TextThread&) = delete;
  TextThread& operator=(const TextThread&) = delete;
  ~TextThread();

  /// A text of what is decided already.
  std::shared_ptr<PendingText> make(Write write);
  /// A text of what `take` decides when its turn comes. Nobody waits for it by then: it is left
  /// out.
  std::shared_ptr<PendingText> make_later(Take take);

 private:
  struct Queue;

  http::IoThread thread_;
  std::shared_ptr<Queue> queue_;
};

/// A text of the present state that many ask for. Who asks gets the text that is next to be made,
/// never one that was decided before: however many ask, one text is being made, and one waits.
/// Thread: owner only.
class PresentText {
 public:
  PresentText(TextThread& texts, TextThread::Take take) : texts_(texts), take_(std::move(take)) {}

  std::shared_ptr<PendingText> get();

 private:
  TextThread& texts_;
  TextThread::Take take_;
  std::weak_ptr<PendingText> next_;
};

}  // namespace vdm::metrics
