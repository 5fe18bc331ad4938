#include "proxy-service/config/knobs.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/config/load.h"

namespace vdm::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string text_of(const std::string& path) {
  std::ifstream file(VDM_SOURCE_DIR + path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

bool says_a_value(const Knob& knob) {
  return !knob.default_text.empty() && knob.default_text != "host name" &&
         knob.default_text != "cores";
}

/// "1GiB, or half the memory" -> "1GiB".
std::string value_of(const Knob& knob) {
  return std::string(knob.default_text.substr(0, knob.default_text.find(',')));
}

/// One row of the README's table.
std::string row_of(const Knob& knob) {
  const auto code = [](std::string_view text) {
    return text.empty() ? std::string() : " `" + std::string(text) + "`";
  };
  const bool is_value = says_a_value(knob) && value_of(knob) == knob.default_text;
  const std::string shown = is_value                    ? code(knob.default_text)
                            : knob.default_text.empty() ? ""
                                                        : " " + std::string(knob.default_text);
  return "|" + code(knob.env) + " |" + code(knob.toml) + " |" + shown + " | " +
         std::string(knob.what) + " |\n";
}

TEST(Knobs, SayTheDefaultThatTheStructHas) {
  Draft draft;
  for (const Knob& knob : knobs()) {
    if (says_a_value(knob)) {
      EXPECT_TRUE(knob.set(draft, knob.env, value_of(knob))) << knob.env;
    }
  }

  EXPECT_EQ(draft.config.listen, Listen{});
  EXPECT_EQ(draft.config.limits, Limits{});
  EXPECT_EQ(draft.config.timeouts, Timeouts{});
  EXPECT_EQ(draft.config.metrics.public_url, Metrics{}.public_url);
  EXPECT_EQ(draft.config.metrics.ingest.port, Metrics{}.ingest.port);
  EXPECT_EQ(draft.config.metrics.enabled, Metrics{}.enabled);
  EXPECT_EQ(draft.config.log_level, Config{}.log_level);
  EXPECT_EQ(draft.config.retry, RetryLimits{});
  EXPECT_EQ(draft.config.key_cooldown, KeyRing::Options{});
  EXPECT_EQ(draft.config.breaker, CircuitBreaker::Options{});
  EXPECT_EQ(draft.config.aliases.chain_max, AliasRules{}.chain_max);
  EXPECT_EQ(draft.config.aliases.missing, AliasRules{}.missing);
  EXPECT_EQ(draft.http_upstreams, HttpUpstreams::LoopbackOnly);
}

TEST(Knobs, HaveEachNameOnce) {
  std::set<std::string_view> names;
  for (const Knob& knob : knobs()) {
    EXPECT_TRUE(names.insert(knob.env).second) << knob.env;
    EXPECT_TRUE(knob.toml.empty() || names.insert(knob.toml).second) << knob.toml;
  }
}

TEST(Readme, HasARowForEverySettingAndNoOther) {
  const std::string readme = text_of("/proxy-service/README.md");
  std::string table;
  for (const Knob& knob : knobs()) table += row_of(knob);

  EXPECT_THAT(readme, HasSubstr("| --- | --- | --- | --- |\n" + table + "\n"))
      << "the table is expected to be\n"
      << table;
}

TEST(ExampleFile, LoadsAndIsTheDefaultConfiguration) {
  Flags flags;
  flags.config_file = VDM_SOURCE_DIR "/deploy/vandamme.example.toml";

  const Env env(std::map<std::string, std::string>{{"OPENAI_API_KEY", "k"}});

  const auto loaded = load(flags, env, {});

  ASSERT_TRUE(std::holds_alternative<Config>(loaded))
      << testing::PrintToString(std::get<Faults>(loaded));
  const Config& config = std::get<Config>(loaded);
  EXPECT_EQ(config.listen, Listen{});
  EXPECT_EQ(config.limits, Limits{});
  EXPECT_EQ(config.timeouts, Timeouts{});
  EXPECT_EQ(config.retry, RetryLimits{});
  EXPECT_EQ(config.key_cooldown, KeyRing::Options{});
  EXPECT_EQ(config.breaker, CircuitBreaker::Options{});
  EXPECT_EQ(config.providers.size(), 1u);
  EXPECT_THAT(config.notices, IsEmpty());
}

TEST(ExampleFile, NamesEverySettingOfTheFile) {
  std::istringstream lines(text_of("/deploy/vandamme.example.toml"));
  std::string table;
  std::set<std::string> named;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) table = line.substr(1, line.find(']') - 1);
    // What has no default is there as a comment: "#api-key = …".
    const std::string setting = line.starts_with('#') ? line.substr(1) : line;
    const auto equals = setting.find(" = ");
    if (equals != std::string::npos) named.insert(table + "." + setting.substr(0, equals));
  }

  for (const Knob& knob : knobs()) {
    EXPECT_TRUE(knob.toml.empty() || named.contains(std::string(knob.toml))) << knob.toml;
  }
}

}  // namespace
}  // namespace vdm::proxy
