#include "metrics-service/serve/live/text_thread.h"

#include <deque>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace vdm::metrics {

PendingText::PendingText(boost::asio::io_context& owner)
    : wake_(owner, boost::asio::steady_timer::time_point::max()) {}

http::Awaitable<std::shared_ptr<const std::string>> PendingText::made() {
  constexpr auto Silently = boost::asio::as_tuple(boost::asio::use_awaitable);
  while (!text_) co_await wake_.async_wait(Silently);
  co_return text_;
}

/// What waits for its turn. The owner's thread alone touches it. It stands apart so that a text
/// which is done late finds it, whatever has become of the TextThread.
struct TextThread::Queue : std::enable_shared_from_this<Queue> {
  Queue(boost::asio::io_context& of_owner, boost::asio::io_context& of_texts)
      : owner(of_owner), texts(of_texts) {}

  void begin_next();
  void done(PendingText& pending, std::shared_ptr<const std::string> text);

  struct Entry {
    std::shared_ptr<PendingText> pending;
    Take take;
  };

  boost::asio::io_context& owner;
  boost::asio::io_context& texts;
  std::deque<Entry> waiting;
  bool is_busy = false;
};

void TextThread::Queue::begin_next() {
  while (!is_busy && !waiting.empty()) {
    Entry next = std::move(waiting.front());
    waiting.pop_front();
    if (next.pending.use_count() == 1) continue;
    is_busy = true;
    next.pending->is_taken_ = true;
    boost::asio::post(texts, [self = shared_from_this(), pending = std::move(next.pending),
                              write = next.take()]() mutable {
      auto text = std::make_shared<const std::string>(write());
      write = nullptr;  // what it was made from is destroyed here, not on the owner's thread
      boost::asio::io_context& back = self->owner;
      boost::asio::post(
          back, [self = std::move(self), pending = std::move(pending),
                 text = std::move(text)]() mutable { self->done(*pending, std::move(text)); });
    });
  }
}

void TextThread::Queue::done(PendingText& pending, std::shared_ptr<const std::string> text) {
  pending.text_ = std::move(text);
  pending.wake_.cancel();
  is_busy = false;
  begin_next();
}

TextThread::TextThread(boost::asio::io_context& owner)
    : thread_("texts"), queue_(std::make_shared<Queue>(owner, thread_.context())) {
  thread_.start();
}

TextThread::~TextThread() { queue_->waiting.clear(); }

std::shared_ptr<PendingText> TextThread::make(Write write) {
  return make_later([write = std::move(write)] { return write; });
}

std::shared_ptr<PendingText> TextThread::make_later(Take take) {
  auto pending = std::make_shared<PendingText>(queue_->owner);
  queue_->waiting.push_back({pending, std::move(take)});
  queue_->begin_next();
  return pending;
}

std::shared_ptr<PendingText> PresentText::get() {
  auto next = next_.lock();
  if (!next || next->is_taken()) next_ = next = texts_.make_later(take_);
  return next;
}

}  // namespace vdm::metrics
