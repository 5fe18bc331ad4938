#include "metrics-service/cli/launch/child.h"

#include <gtest/gtest.h>

#include <string>

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
  const auto pid = start_detached({"/nowhere/program"}, "/", "/dev/null");

  ASSERT_FALSE(pid);
  EXPECT_NE(pid.error().message.find("No such file"), std::string::npos) << pid.error().message;
}

}  // namespace
}  // namespace vdm::cli::child_test
