#include "common/http/io_thread.h"

#include <exception>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "common/base/log.h"

namespace vdm::http {
namespace {

void log_escaped(const std::string& what, const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    if (error.code() == net::error::operation_aborted) return;
    log::error("exception left a coroutine", {{"what", what}, {"error", error.what()}});
  } catch (const std::exception& error) {
    log::error("exception left a coroutine", {{"what", what}, {"error", error.what()}});
  }
}

}  // namespace

IoThread::IoThread(std::string name)
    : name_(std::move(name)), work_(net::make_work_guard(context_)) {}

IoThread::~IoThread() {
  if (!thread_.joinable()) return;
  release();
  cancel_all();
  thread_.join();
}

void IoThread::spawn(std::string what, Awaitable<void> work) {
  const auto entry = spawned_.emplace(spawned_.end());
  auto done = [this, entry, what = std::move(what)](std::exception_ptr thrown) {
    if (thrown) log_escaped(what, thrown);
    // The coroutine's frame still refers to the signal and is destroyed after this handler, so the
    // signal is erased later.
    net::post(context_, [this, entry] { spawned_.erase(entry); });
  };
  net::co_spawn(context_, std::move(work),
                net::bind_cancellation_slot(entry->cancel.slot(), std::move(done)));
}

void IoThread::cancel_all() {
  net::post(context_, [this] {
    for (Spawned& spawned : spawned_) spawned.cancel.emit(net::cancellation_type::terminal);
  });
}

void IoThread::start() {
  thread_ = std::thread([this] { run(); });
}

void IoThread::run() { context_.run(); }

void IoThread::release() {
  net::post(context_, [this] { work_.reset(); });
}

void IoThread::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace vdm::http
