#include "proxy-service/worker/heavy_work.h"

#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

struct HeavyWork::State {
  std::mutex mutex;
  std::size_t waiting = 0;
  std::optional<boost::asio::thread_pool> thread;  // its destructor joins it, so it goes first
};

HeavyWork::HeavyWork() : state_(std::make_unique<State>()) {}
HeavyWork::~HeavyWork() = default;

bool HeavyWork::start(std::function<void()> job) {
  const std::lock_guard lock(state_->mutex);
  if (state_->waiting == WaitingMax) return false;
  try {
    if (!state_->thread) state_->thread.emplace(1);
  } catch (const std::system_error&) {
    return false;
  }
  boost::asio::post(*state_->thread, [state = state_.get(), job = std::move(job)] {
    job();
    const std::lock_guard done(state->mutex);
    --state->waiting;
  });
  ++state_->waiting;
  return true;
}

Task<bool> HeavyWork::run(ClientConnection& client, std::size_t bytes, std::function<void()> work) {
  if (bytes <= BytesMin) {
    work();
    co_return true;
  }
  struct Result {
    bool done = false;
    std::exception_ptr fault{};
  };
  const auto result = std::make_shared<Result>();
  Worker& worker = client.worker();
  WaitPoint& session = client.wait_point();
  const bool started = start([&work, &worker, &session, result] {
    std::exception_ptr fault;
    try {
      work();
    } catch (...) {
      fault = std::current_exception();
    }
    worker.post([&session, result, fault] {
      *result = {.done = true, .fault = fault};
      session.wake();
    });
  });
  if (!started) co_return false;
  session.clear_deadline();
  while (!result->done) co_await session.wait();
  if (result->fault) std::rethrow_exception(result->fault);
  co_return true;
}

}  // namespace vdm::proxy
