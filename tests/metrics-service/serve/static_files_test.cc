#include "metrics-service/serve/static_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "tests/metrics-service/serve/served_api.h"

namespace vdm::metrics::static_files_test {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public ::testing::Test {
 protected:
  StaticFilesTest() {
    std::string pattern = (fs::temp_directory_path() / "vdm-files-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    fs::create_directory(directory_ / "assets");
    write("index.html", "<!doctype html><title>page</title>");
    write("assets/main-ABCD1234.js", std::string(5000, 'x'));
    write("assets/plain.css", "b{}");
    options_.dashboard = directory_;
  }
  ~StaticFilesTest() override { fs::remove_all(directory_); }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ / name, std::ios::binary) << content;
  }

  fs::path directory_;
  ServedApi::Options options_;
};

TEST_F(StaticFilesTest, ServesWhatWasThereAtStartAndNothingElse) {
  ServedApi served(options_);
  write("later.txt", "later");

  EXPECT_EQ(served.get("/dashboard/").body(), "<!doctype html><title>page</title>");
  EXPECT_EQ(served.get("/dashboard/assets/plain.css")["Content-Type"], "text/css; charset=utf-8");
  EXPECT_EQ(served.get("/dashboard/later.txt").result_int(), 404u);
  for (const char* path : {"/dashboard/../../etc/passwd", "/dashboard/..%2f..%2fetc%2fpasswd",
                           "/dashboard//etc/passwd.txt", "/dashboard/assets/"}) {
    EXPECT_EQ(served.get(path).body().find("root:"), std::string::npos) << path;
  }
}

TEST_F(StaticFilesTest, ServesThePageForItsOwnPaths) {
  ServedApi served(options_);

  EXPECT_NE(served.get("/dashboard/traces").body().find("<title>page"), std::string::npos);
  EXPECT_NE(served.get("/dashboard/traces?id=a.b").body().find("<title>page"), std::string::npos);
  EXPECT_EQ(served.get("/dashboard/missing.js").result_int(), 404u);
}

TEST_F(StaticFilesTest, GuardsThePageAgainstOtherPages) {
  ServedApi served(options_);

  const auto page = served.get("/dashboard/");

  const std::string policy(page["Content-Security-Policy"]);
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
}

TEST_F(StaticFilesTest, SaysWhetherAFileChanged) {
  ServedApi served(options_);
  const auto page = served.get("/dashboard/");
  EXPECT_EQ(page["Cache-Control"], "no-cache");
  const auto asset = served.get("/dashboard/assets/main-ABCD1234.js");
  EXPECT_NE(asset["Cache-Control"].find("immutable"), std::string::npos);

  const std::string etag(page["ETag"]);
  const auto again = served.get("/dashboard/", "If-None-Match: " + etag + "\r\n");

  EXPECT_EQ(again.result_int(), 304u);
  EXPECT_TRUE(again.body().empty());
}

TEST_F(StaticFilesTest, PacksWhatGetsSmaller) {
  ServedApi served(options_);

  const auto packed =
      served.get("/dashboard/assets/main-ABCD1234.js", "Accept-Encoding: gzip, br\r\n");
  const auto whole = served.get("/dashboard/assets/main-ABCD1234.js");
  const auto tiny = served.get("/dashboard/assets/plain.css", "Accept-Encoding: gzip\r\n");

  EXPECT_EQ(packed["Content-Encoding"], "gzip");
  EXPECT_LT(packed.body().size(), 100u);
  EXPECT_EQ(whole.body().size(), 5000u);
  EXPECT_EQ(tiny["Content-Encoding"], "");
  EXPECT_EQ(tiny.body(), "b{}");
}

TEST_F(StaticFilesTest, SaysWhatToDoWhenThereIsNoDashboard) {
  options_.dashboard = directory_ / "nowhere";
  ServedApi served(options_);

  const auto page = served.get("/dashboard/");

  EXPECT_EQ(page.result_int(), 200u);
  EXPECT_NE(page.body().find("VDM_DASHBOARD_DIR"), std::string::npos);
}

}  // namespace
}  // namespace vdm::metrics::static_files_test
