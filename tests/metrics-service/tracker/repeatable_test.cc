#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

// What a hash table's order does to the tracker shows only between processes: within one, the
// order is the same each time.

namespace vdm::metrics::repeatable_test {
namespace {

struct Printed {
  std::string text;
  int status = -1;
};

Printed state_of_a_process(int heap_moved_by) {
  std::string command = VDM_TRACKER_STATE " ";
  command.append(std::to_string(heap_moved_by));
  Printed printed;
  std::FILE* out = ::popen(command.c_str(), "r");
  if (!out) return printed;
  std::array<char, 4096> piece{};
  while (const std::size_t bytes = std::fread(piece.data(), 1, piece.size(), out)) {
    printed.text.append(piece.data(), bytes);
  }
  printed.status = ::pclose(out);
  return printed;
}

TEST(TrackerRepeatable, EndsInTheSameStateInEveryProcessThatIsGivenTheSame) {
  const Printed first = state_of_a_process(0);

  ASSERT_EQ(first.status, 0) << "its books add up";
  ASSERT_NE(first.text.find("silent199 changed_at"), std::string::npos);
  ASSERT_NE(first.text.find("lost199 ok"), std::string::npos);
  for (const int heap_moved_by : {8'192, 65'536, 1'000'000, 9'000'000}) {
    EXPECT_EQ(state_of_a_process(heap_moved_by).text, first.text) << heap_moved_by;
  }
}

}  // namespace
}  // namespace vdm::metrics::repeatable_test
