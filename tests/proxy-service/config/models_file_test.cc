#include "proxy-service/config/models_file.h"

#include <filesystem>
#include <fstream>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::proxy::models_file_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ModelsFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "models_file_test." +
            ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void write(std::string_view text) { std::ofstream(path_, std::ios::binary) << text; }
  ModelFacts read(std::string_view provider, std::string_view model) {
    read_ = read_models_file(path_, faults_);
    return read_.facts->find(provider, model, DoorDialect::Chat).facts;
  }

  std::string path_;
  std::vector<std::string> faults_;
  ModelsFile read_;
};

TEST_F(ModelsFileTest, LiesOnTopOfTheBuiltInFacts) {
  write(R"({"provider": "openai", "models": {"gpt-5.4": {"context_tokens": 7}}})");

  EXPECT_EQ(read("openai", "gpt-5.4").context_tokens, 7);
  EXPECT_EQ(read("openai", "gpt-5.4").prices.input, 2.5) << "what it does not state stays";
  EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(ModelsFileTest, MayAddAProviderWithADoor) {
  write(R"({"provider": "acme", "doors": {"chat": "https://api.acme.example/v1"}})");

  read("acme", "rocket");
  ASSERT_NE(read_.facts->find_provider("acme"), nullptr);
  EXPECT_EQ(read_.facts->find_provider("acme")->doors.at(0).base_url,
            "https://api.acme.example/v1");
}

TEST_F(ModelsFileTest, MayBeLiteLlms) {
  write(R"({"gpt-5.4": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 9}})");

  EXPECT_EQ(read("openai", "gpt-5.4").context_tokens, 9);
}

TEST_F(ModelsFileTest, WithAFaultChangesNothing) {
  write(R"({"provider": "openai", "models": {"gpt-5.4": {"context_tokens": "7"}}})");

  EXPECT_EQ(read("openai", "gpt-5.4").context_tokens, 1'050'000);
  EXPECT_THAT(faults_,
              ElementsAre("VDM_MODELS_FILE: " + path_ +
                          ": openai.models.gpt-5.4.context_tokens: expected a whole number "
                          "of at least 1, got \"7\""));
}

TEST_F(ModelsFileTest, ThatIsMissingIsAFault) {
  read("openai", "gpt-5.4");

  EXPECT_THAT(faults_, ElementsAre("VDM_MODELS_FILE: cannot read '" + path_ + "'"));
}

TEST_F(ModelsFileTest, HasAnotherDigestWhenItsBytesChange) {
  write(R"({"provider": "p"})");
  read("p", "m");
  const std::string before = read_.digest;
  write(R"({"provider": "q"})");
  read("p", "m");

  EXPECT_NE(read_.digest, before);
}

}  // namespace
}  // namespace vdm::proxy::models_file_test
