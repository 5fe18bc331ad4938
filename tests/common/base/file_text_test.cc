#include "common/base/file_text.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace vdm::file_text_test {
namespace {

using std::chrono::milliseconds;

class FileText : public ::testing::Test {
 protected:
  FileText() {
    std::string name = (std::filesystem::temp_directory_path() / "vdm-file-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~FileText() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path pipe() const {
    const auto path = folder_ / "pipe";
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return path;
  }

  std::filesystem::path folder_;
};

TEST_F(FileText, IsWhatTheFileHoldsAndOneByteBeyondItsMost) {
  std::ofstream(folder_ / "file") << "0123456789";

  EXPECT_EQ(read_file_text(folder_ / "file", 10).value(), "0123456789");
  EXPECT_EQ(read_file_text(folder_ / "file", 4).value(), "01234");
}

TEST_F(FileText, IsReadFromAPipeThatSomebodyWritesTo) {
  const auto path = pipe();
  std::jthread writer([&path] { std::ofstream(path) << "from a pipe"; });

  EXPECT_EQ(read_file_text(path, 100, milliseconds(60'000)).value(), "from a pipe");
}

TEST_F(FileText, DoesNotWaitForEverForAPipe) {
  const auto path = pipe();

  EXPECT_FALSE(read_file_text(path, 100, milliseconds(10)));
  const int writer = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_FALSE(read_file_text(path, 100, milliseconds(10)));
  ASSERT_EQ(::write(writer, "begun", 5), 5);
  EXPECT_FALSE(read_file_text(path, 100, milliseconds(10)));
  ::close(writer);
}

TEST_F(FileText, IsEmptyOfDevNullAndCutOfADeviceWithoutEnd) {
  EXPECT_EQ(read_file_text("/dev/null", 10).value(), "");
  EXPECT_EQ(read_file_text("/dev/zero", 10).value().size(), 11u);
}

TEST_F(FileText, IsNotThatOfAFolderOrOfNothing) {
  EXPECT_EQ(read_file_text(folder_, 100).error().message, folder_.string() + ": not a file");
  EXPECT_FALSE(read_file_text(folder_ / "none", 100));
}

}  // namespace
}  // namespace vdm::file_text_test
