#include "metrics-service/cli/launch/pid_file.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "common/base/core_dumps.h"

namespace vdm::cli::pid_file_test {
namespace {

namespace fs = std::filesystem;

/// A child that waits for its end.
class Sleeper {
 public:
  enum class Memory { Open, Hidden };

  explicit Sleeper(Memory memory = Memory::Open) : pid_(::fork()) {
    if (pid_ != 0) return;
    if (memory == Memory::Hidden) set_core_dumps(CoreDumps::Forbidden);
    for (;;) ::pause();
  }
  ~Sleeper() { end(); }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

class PidFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "vdm-pid-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(PidFileTest, FindsTheProcessItWasWrittenFor) {
  const Sleeper sleeper;
  const auto process = identify(sleeper.pid());
  ASSERT_TRUE(process);

  ASSERT_TRUE(write_pid_file(folder_ / "x.pid", *process));

  EXPECT_EQ(read_pid_file(folder_ / "x.pid"), process);
  EXPECT_TRUE(HeldProcess::hold(*process));
}

TEST_F(PidFileTest, KnowsThatAProcessIsGone) {
  Sleeper sleeper;
  const auto process = identify(sleeper.pid());
  ASSERT_TRUE(process);
  ASSERT_TRUE(write_pid_file(folder_ / "x.pid", *process));

  sleeper.end();

  EXPECT_FALSE(read_pid_file(folder_ / "x.pid"));
  EXPECT_FALSE(HeldProcess::hold(*process));
  EXPECT_FALSE(read_pid_file(folder_ / "absent.pid"));
}

TEST_F(PidFileTest, TakesNoOtherProcessOfTheSameNumberForIt) {
  const Sleeper sleeper;
  auto another = *identify(sleeper.pid());
  auto older = another;
  another.program = "/usr/bin/another";
  older.start_ticks -= 1;

  for (const ProcessId& wrong : {another, older}) {
    ASSERT_TRUE(write_pid_file(folder_ / "x.pid", wrong));
    EXPECT_FALSE(read_pid_file(folder_ / "x.pid"));
    EXPECT_FALSE(HeldProcess::hold(wrong));
  }
}

TEST_F(PidFileTest, KnowsAProcessWhoseMemoryIsNotToBeRead) {
  const Sleeper sleeper(Sleeper::Memory::Hidden);
  const auto process = identify(sleeper.pid());

  ASSERT_TRUE(process);
  EXPECT_TRUE(HeldProcess::hold(*process));
}

TEST_F(PidFileTest, EndsWhatItHolds) {
  const Sleeper sleeper;
  const auto held = HeldProcess::hold(*identify(sleeper.pid()));
  ASSERT_TRUE(held);
  ASSERT_FALSE(held->ends_within(0));

  EXPECT_TRUE(held->signal(SIGTERM));

  EXPECT_TRUE(held->ends_within(10'000));
}

TEST(PidText, IsReadAsItWasWrittenAndElseNot) {
  const ProcessId process{12, 345, "my) vdm-proxy"};

  EXPECT_EQ(parse_pid_text(pid_text(process)), process);
  EXPECT_EQ(parse_pid_text("12 345 /opt/my programs/vdm-proxy\n"),
            (ProcessId{12, 345, "vdm-proxy"}))
      << "as it was written before";
  for (const char* text : {"", "12", "12 345", "-1 2 /x", "x y z"}) {
    EXPECT_FALSE(parse_pid_text(text)) << text;
  }
}

}  // namespace
}  // namespace vdm::cli::pid_file_test
