#include "common/audit/audit_log.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace vdm::audit_log_test {
namespace {

namespace fs = std::filesystem;

class AuditLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "vdm-audit-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    file_ = folder_ / "data" / "audit.jsonl";
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::size_t lines_in(const fs::path& file) {
    std::ifstream in(file);
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) ++count;
    return count;
  }
  void log(std::size_t lines, std::size_t bytes_max = 1 << 20) {
    AuditLog audit({.file = file_, .bytes_max = bytes_max}, clock_);
    for (std::size_t i = 0; i < lines; ++i) {
      audit.done({.actor = "a", .action = "login", .outcome = "done"});
    }
  }

  fs::path folder_;
  fs::path file_;
  SystemClock clock_;
};

TEST_F(AuditLogTest, HoldsEveryLineWhenItEnds) {
  log(3);
  log(2);

  EXPECT_EQ(lines_in(file_), 5u);
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms(0600));
}

TEST_F(AuditLogTest, IsTurnedWhenItIsFull) {
  for (int i = 0; i < 4; ++i) log(10, 1500);

  EXPECT_TRUE(fs::exists(file_.string() + ".1"));
  EXPECT_EQ(lines_in(file_.string() + ".1"), 20u);
  EXPECT_FALSE(fs::exists(file_.string() + ".2"));
  EXPECT_LE(lines_in(file_), 20u);
}

TEST_F(AuditLogTest, FollowsNoLinkAndEndsThoughNothingCanBeWritten) {
  fs::create_directories(file_.parent_path());
  fs::create_symlink(folder_ / "elsewhere", file_);

  log(3);

  EXPECT_FALSE(fs::exists(folder_ / "elsewhere"));
}

}  // namespace
}  // namespace vdm::audit_log_test
