#include "metrics-service/cli/setup/private_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace vdm::cli::private_file_test {
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

}  // namespace
}  // namespace vdm::cli::private_file_test
