#include "proxy-service/worker/memory_use.h"

#include <gtest/gtest.h>

#include "tests/proxy-service/worker/control_group.h"

namespace vdm::proxy::memory_use_test {
namespace {

TEST(MemoryUse, IsWhatTheControlGroupUsesOfItsLimit) {
  const ControlGroup group;
  group.uses_percent(50);

  EXPECT_DOUBLE_EQ(MemoryUse(group.folder()).read(), 0.5);
}

TEST(MemoryUse, IsThisProcessesPartOfTheMachineInAGroupWithoutALimit) {
  const ControlGroup group;
  group.write("memory.max", "max\n");
  group.write("memory.current", "999999999999999\n");

  const double used = MemoryUse(group.folder()).read();

  EXPECT_GT(used, 0);
  EXPECT_LT(used, 0.5);
}

TEST(MemoryUse, IsThisProcessesPartWhereThereIsNoGroup) {
  EXPECT_GT(MemoryUse("/nowhere").read(), 0);
}

TEST(MemoryUse, IsReadAnew) {
  const ControlGroup group;
  group.uses_percent(10);
  const MemoryUse use(group.folder());
  EXPECT_DOUBLE_EQ(use.read(), 0.1);

  group.uses_percent(90);

  EXPECT_DOUBLE_EQ(use.read(), 0.9);
}

}  // namespace
}  // namespace vdm::proxy::memory_use_test
