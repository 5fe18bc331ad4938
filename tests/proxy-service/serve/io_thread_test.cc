#include "proxy-service/serve/io_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>

#include "common/base/clock.h"
#include "tests/fakes/recording_sink.h"

namespace vdm::proxy::io_thread_test {
namespace {

using std::chrono::seconds;

/// Throws in each tick, and says when there was a second.
class ThrowingTicking final : public Ticking {
 public:
  void tick() override {
    if (++ticks_ == 2) twice.set_value();
    throw std::runtime_error("no");
  }
  std::promise<void> twice;

 private:
  int ticks_ = 0;
};

TEST(IoThread, GoesOnAfterWorkAndTicksThatThrow) {
  const auto tls = TlsContext::make();
  ASSERT_TRUE(tls);
  const SystemClock clock;
  fakes::RecordingSink sink;
  Config config;
  config.threads = 1;
  ServerState server{.tls = *tls,
                     .clock = clock,
                     .names = NameResolver(clock),
                     .sink = sink,
                     .instance_id = "i",
                     .started_at = clock.wall(),
                     .metrics_state = {},
                     .bodies = BodyBudget(config.limits.all_bodies_bytes_max)};
  DiskThread disk;
  IoThread thread(std::make_shared<ConfigSnapshot>(config, server), 0, disk);
  ThrowingTicking ticking;
  std::promise<void> worked;
  thread.start();

  thread.post([&] { thread.call_each_tick(ticking); });
  thread.post([] { throw std::runtime_error("no"); });
  thread.post([&] { worked.set_value(); });

  EXPECT_EQ(worked.get_future().wait_for(seconds(10)), std::future_status::ready);
  EXPECT_EQ(ticking.twice.get_future().wait_for(seconds(10)), std::future_status::ready);
  thread.drain();
  thread.join();
}

}  // namespace
}  // namespace vdm::proxy::io_thread_test
