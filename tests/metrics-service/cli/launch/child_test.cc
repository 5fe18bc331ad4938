#include "metrics-service/cli/launch/child.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fakes/released.h"

namespace vdm::cli::child_test {
namespace {

TEST(RunProgram, HandsBackBothOutputsAndTheExitCode) {
  const auto output = run_program({"/bin/sh", "-c", "echo out; echo fault >&2; exit 3"}, "/");

  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, "out\n");
  EXPECT_EQ(output->err, "fault\n");
  EXPECT_EQ(output->status, 3);
}

TEST(RunProgram, RunsInTheFolderItIsGivenAndReadsNothing) {
  const auto output = run_program({"/bin/sh", "-c", "cat; pwd"}, "/usr");

  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, "/usr\n");
}

TEST(RunProgram, EndsAProgramThatSaysTooMuch) {
  const auto output =
      run_program({"/bin/sh", "-c", "while :; do echo aaaaaaaaaaaaaaaa; done"}, "/");

  EXPECT_FALSE(output);
}

TEST(StartDetached, SaysWhyAProgramCannotBeStarted) {
  const auto pid = start_detached({"/nowhere/program"}, {}, "/", "/dev/null");

  ASSERT_FALSE(pid);
  EXPECT_NE(pid.error().message.find("No such file"), std::string::npos) << pid.error().message;
}

TEST(StartDetached, GivesAProgramTheEnvironmentItIsToldAndNoOther) {
  const TemporaryFolder folder;
  const auto log = folder.path() / "log";  // a pipe, which ends when the program has ended
  ASSERT_EQ(::mkfifo(log.c_str(), 0600), 0);
  const int reader = ::open(log.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);

  const auto pid = start_detached({"/usr/bin/env"}, {{"A", "1"}, {"B", "two words"}}, "/", log);
  ASSERT_TRUE(pid) << pid.error().message;
  ::fcntl(reader, F_SETFL, 0);
  std::array<char, 4096> part{};
  std::string told;
  while (const auto bytes = ::read(reader, part.data(), part.size())) {
    ASSERT_GT(bytes, 0);
    told.append(part.data(), static_cast<std::size_t>(bytes));
  }
  ::close(reader);

  EXPECT_EQ(told, "A=1\nB=two words\n");
}

}  // namespace
}  // namespace vdm::cli::child_test
