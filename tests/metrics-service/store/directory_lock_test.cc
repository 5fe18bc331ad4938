#include "metrics-service/store/directory_lock.h"

#include <gtest/gtest.h>

#include <optional>

namespace vdm::metrics::directory_lock_test {
namespace {

namespace fs = std::filesystem;

class DirectoryLockTest : public ::testing::Test {
 protected:
  DirectoryLockTest() { fs::remove_all(directory_); }
  ~DirectoryLockTest() override { fs::remove_all(directory_); }

  fs::path directory_ =
      fs::path(::testing::TempDir()) /
      ("vdm-lock-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(DirectoryLockTest, LetsOneWriterIntoADirectoryThatItMakes) {
  const auto first = DirectoryLock::lock(directory_ / "made");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->held());

  const auto second = DirectoryLock::lock(directory_ / "made");

  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("VDM_DATA_DIR: another vdm-metrics"), std::string::npos);
}

TEST_F(DirectoryLockTest, LetsTheNextInWhenTheWriterHasGone) {
  std::optional<DirectoryLock> first(std::move(*DirectoryLock::lock(directory_)));
  first.reset();

  EXPECT_TRUE(DirectoryLock::lock(directory_));
}

TEST_F(DirectoryLockTest, GoesOnWithoutALockWhereNoneCanBe) {
  const auto lock = DirectoryLock::lock("/proc/vdm-nowhere");

  ASSERT_TRUE(lock) << "what is live is shown all the same";
  EXPECT_FALSE(lock->held());
}

}  // namespace
}  // namespace vdm::metrics::directory_lock_test
