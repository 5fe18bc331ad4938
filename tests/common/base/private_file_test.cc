#include "common/base/private_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <sys/stat.h>

namespace vdm::private_file_test {
namespace {

namespace fs = std::filesystem;

class PrivateFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "vdm-file-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    target_ = folder_ / "new folder" / "x.toml";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(target_).rdbuf();
    return text.str();
  }
  std::size_t files() const {
    const fs::directory_iterator all(target_.parent_path());
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  fs::path folder_;
  fs::path target_;
};

TEST_F(PrivateFileTest, IsItsOwnersAloneAndWholeOnceItIsPut) {
  auto file = PrivateFile::write(target_, "text");
  ASSERT_TRUE(file);
  EXPECT_FALSE(fs::exists(target_));

  ASSERT_TRUE(file->put(PrivateFile::Existing::Keep));

  EXPECT_EQ(content(), "text");
  EXPECT_EQ(fs::status(target_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(files(), 1u);
}

TEST_F(PrivateFileTest, LeavesNothingUnlessItIsPut) {
  { const auto file = PrivateFile::write(target_, "text"); }

  EXPECT_EQ(files(), 0u);
}

TEST_F(PrivateFileTest, ReplacesWhatIsThereOnlyWhenTold) {
  fs::create_directories(target_.parent_path());
  std::ofstream(target_) << "before";

  auto kept = PrivateFile::write(target_, "after");
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->put(PrivateFile::Existing::Keep));
  EXPECT_EQ(content(), "before");

  EXPECT_TRUE(kept->put(PrivateFile::Existing::Replace));
  EXPECT_EQ(content(), "after");
  EXPECT_EQ(files(), 1u);
}

TEST_F(PrivateFileTest, IsReadWithWhatItsModeLetsOthersDo) {
  fs::create_directories(target_.parent_path());
  std::ofstream(target_) << "text";
  for (const auto& [mode, others] : std::vector<std::pair<int, std::string>>{
           {0600, ""},
           {0400, ""},
           {0700, ""},
           {0640, "mode 0640 lets others read it"},
           {0604, "mode 0604 lets others read it"},
           {0602, "mode 0602 lets others write it"},
           {0666, "mode 0666 lets others read and write it"}}) {
    fs::permissions(target_, fs::perms(mode));

    const auto read = read_private_file(target_, 4);

    ASSERT_TRUE(read) << mode;
    EXPECT_EQ(read->text, "text");
    const std::string mended = "; `chmod 600 '" + target_.string() + "'` mends that";
    EXPECT_EQ(read->exposure, others.empty() ? "" : others + mended) << mode;
  }
}

TEST_F(PrivateFileTest, IsNamedAsAShellTakesIt) {
  EXPECT_EQ(exposure("a b's", 0604),
            R"(mode 0604 lets others read it; `chmod 600 'a b'\''s'` mends that)");
}

TEST_F(PrivateFileTest, IsNotReadWhenItIsLongerThanItMayBe) {
  fs::create_directories(target_.parent_path());
  std::ofstream(target_) << "text";

  const auto read = read_private_file(target_, 3);

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, target_.string() + ": longer than 3 bytes");
}

TEST_F(PrivateFileTest, IsAFileAndNothingThatCouldKeepItsReaderWaiting) {
  EXPECT_EQ(read_private_file(target_, 9).error().message,
            target_.string() + ": No such file or directory");
  EXPECT_EQ(read_private_file(folder_, 9).error().message, folder_.string() + ": not a file");
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_private_file(pipe, 9).error().message, pipe.string() + ": not a file");
}

}  // namespace
}  // namespace vdm::private_file_test
