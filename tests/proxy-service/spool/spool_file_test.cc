#include "proxy-service/spool/spool_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vdm::proxy::spool_file_test {
namespace {

namespace fs = std::filesystem;

SpoolOwner owner(std::string instance = "0123456789abcdef0123456789abcdef") {
  return {.instance_id = std::move(instance),
          .secret = Secret(std::string(64, 's')),
          .proxy_name = "proxy-1",
          .version = "1.2.3",
          .boot_wall = SystemTime(std::chrono::seconds(1'764'000'000))};
}

class SpoolFileTest : public testing::Test {
 protected:
  SpoolFileTest() {
    std::string name = fs::temp_directory_path() / "vdm-spool-XXXXXX";
    folder_ = fs::path(::mkdtemp(name.data())) / "spool";
  }
  ~SpoolFileTest() override { fs::remove_all(folder_.parent_path()); }

  fs::path made(std::string instance = "0123456789abcdef0123456789abcdef") {
    return SpoolFile::create(folder_, 1, owner(std::move(instance)))->path();
  }
  void change(const fs::path& path, std::streamoff at, const std::string& bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << bytes;
  }
  ErrorKind refusal(const fs::path& path) {
    const auto adopted = SpoolFile::adopt(path);
    return adopted ? ErrorKind::Internal : adopted.error().kind;
  }

  fs::path folder_;
};

TEST_F(SpoolFileTest, IsForItsOwnerAloneAndHasItsRoom) {
  const auto file = SpoolFile::create(folder_, 100'000, owner());
  ASSERT_TRUE(file.has_value());

  struct stat of_folder {};
  struct stat of_file {};
  ASSERT_EQ(::stat(folder_.c_str(), &of_folder), 0);
  ASSERT_EQ(::stat(file->path().c_str(), &of_file), 0);
  EXPECT_EQ(of_folder.st_mode & 0777, 0700u);
  EXPECT_EQ(of_file.st_mode & 0777, 0600u);
  EXPECT_GE(of_file.st_blocks * 512, of_file.st_size) << "a full disk must show at once";
}

TEST_F(SpoolFileTest, IsNotAdoptedWhileItsProcessLives) {
  const auto file = SpoolFile::create(folder_, 1, owner());

  EXPECT_EQ(refusal(file->path()), ErrorKind::Overloaded);
}

TEST_F(SpoolFileTest, IsAdoptedByOneProcessAtATimeWhenItsOwnIsKilled) {
  int made[2];
  ASSERT_EQ(::pipe(made), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto file = SpoolFile::create(folder_, 1, owner());
    const bool told = ::write(made[1], "m", 1) == 1;
    ::pause();
    ::_exit(told ? 0 : 1);
  }
  char ready = 0;
  ASSERT_EQ(::read(made[0], &ready, 1), 1);
  const fs::path path = SpoolFile::list(folder_).at(0);
  EXPECT_EQ(refusal(path), ErrorKind::Overloaded);

  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto adopted = SpoolFile::adopt(path);

  ASSERT_TRUE(adopted.has_value());
  EXPECT_EQ(adopted->owner().instance_id, owner().instance_id);
  EXPECT_EQ(adopted->owner().secret.reveal(), std::string(64, 's'));
  EXPECT_EQ(adopted->owner().proxy_name, "proxy-1");
  EXPECT_EQ(adopted->owner().version, "1.2.3");
  EXPECT_EQ(adopted->owner().boot_wall, owner().boot_wall);
  EXPECT_EQ(refusal(path), ErrorKind::Overloaded) << "another sends it now";
  ::close(made[0]);
  ::close(made[1]);
}

TEST_F(SpoolFileTest, HasWhatWasWrittenIntoItsMemory) {
  fs::path path;
  {
    const auto file = SpoolFile::create(folder_, 1, owner());
    path = file->path();
    EventRing ring(std::move(file->map().value()));
    const RingPlace place = ring.reserve(GapPayloadBytes);
    write_record(Gap{.from_seq = 1, .to_seq = 2, .ended_count = 3}, ring.payload(place));
    ring.commit(place, RecordKind::Gap);
  }

  const auto adopted = SpoolFile::adopt(path);
  const RingMemory memory = std::move(adopted->map().value());

  EXPECT_EQ(scan_ring(memory).records.size(), 1u);
}

TEST_F(SpoolFileTest, KeepsItsRecordsWhenTheRestOfItIsGivenBack) {
  fs::path path;
  {
    const auto file = SpoolFile::create(folder_, 4 * 1024 * 1024, owner());
    path = file->path();
    EventRing ring(std::move(file->map().value()));
    for (int i = 0; i < 20'000; ++i) ring.append(RecordKind::Gap, std::string(GapPayloadBytes, 1));
    EventRing::Record record;
    ring.next(record);
    const RingPlace oldest = record.place;
    while (ring.next(record)) ring.free(record.place);
    EXPECT_EQ(scan_ring(ring.memory()).begin, oldest);
  }
  const auto adopted = SpoolFile::adopt(path);
  const RingMemory memory = std::move(adopted->map().value());

  adopted->trim(scan_ring(memory));

  struct stat of_file {};
  ASSERT_EQ(::stat(path.c_str(), &of_file), 0);
  EXPECT_LT(of_file.st_blocks * 512, 2 * 1024 * 1024);
  EXPECT_EQ(scan_ring(memory).records.size(), 1u);
  EXPECT_FALSE(scan_ring(memory).is_damaged);
}

TEST_F(SpoolFileTest, RefusesWhatIsNoSpoolOfThisVersionAndSaysWhy) {
  const fs::path magic = made("magic");
  const fs::path version = made("version");
  const fs::path names = made("names");
  change(magic, 0, "X");
  change(version, 8, "\x02");
  change(names, 40, "X");
  const fs::path empty = folder_ / "empty.spool";
  std::ofstream(empty).put('x');
  fs::create_directory(folder_ / "folder.spool");

  EXPECT_EQ(refusal(magic), ErrorKind::InvalidRequest);
  EXPECT_EQ(refusal(version), ErrorKind::InvalidRequest);
  EXPECT_NE(SpoolFile::adopt(version).error().message.find("version 2"), std::string::npos);
  EXPECT_EQ(refusal(names), ErrorKind::InvalidRequest);
  EXPECT_EQ(refusal(empty), ErrorKind::InvalidRequest);
  EXPECT_NE(refusal(folder_ / "folder.spool"), ErrorKind::Internal);
  EXPECT_EQ(refusal(folder_ / "none.spool"), ErrorKind::NotFound);
}

TEST_F(SpoolFileTest, FollowsNoLink) {
  const fs::path path = made();
  fs::create_symlink(path, folder_ / "link.spool");

  EXPECT_EQ(refusal(folder_ / "link.spool"), ErrorKind::Forbidden);
}

TEST_F(SpoolFileTest, ReadsWhatIsThereOfAFileThatWasCutAnywhere) {
  for (const std::uintmax_t size : {65'536u, 65'537u, 70'000u, 131'071u, 131'072u}) {
    const fs::path path = made("cut" + std::to_string(size));
    fs::resize_file(path, size);

    const auto adopted = SpoolFile::adopt(path);

    ASSERT_TRUE(adopted.has_value()) << size;
    EXPECT_EQ(adopted->is_cut(), size < 131'072u);
    EXPECT_TRUE(scan_ring(*adopted->map()).records.empty());
  }
  for (const std::uintmax_t size : {0u, 1u, 100u, 65'535u}) {
    const fs::path path = made("short" + std::to_string(size));
    fs::resize_file(path, size);

    EXPECT_EQ(refusal(path), ErrorKind::InvalidRequest) << size;
  }
}

TEST_F(SpoolFileTest, IsNotMadeWhereManyWaitAlready) {
  for (std::size_t i = 0; i < SpoolFile::FilesMax; ++i) {
    fs::create_directories(folder_);
    std::ofstream(folder_ / (std::to_string(i) + ".spool")).put('x');
  }

  const auto file = SpoolFile::create(folder_, 1, owner());

  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().kind, ErrorKind::Overloaded);
}

TEST_F(SpoolFileTest, SaysWhenThereIsNoRoomAndLeavesNothing) {
  const auto file = SpoolFile::create(folder_, std::size_t{1} << 50, owner());

  ASSERT_FALSE(file.has_value());
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(SpoolFileTest, IsSetAsideUnderANameThatNobodyAdopts) {
  const fs::path path = made();

  const fs::path aside = SpoolFile::set_aside(path);

  EXPECT_TRUE(fs::exists(aside));
  EXPECT_TRUE(SpoolFile::list(folder_).empty());
}

}  // namespace
}  // namespace vdm::proxy::spool_file_test
