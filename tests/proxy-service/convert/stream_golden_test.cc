#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/proxy-service/convert/converted_stream.h"
#include "tests/proxy-service/convert/stream_checks.h"

namespace vdm::proxy::stream_golden_test {
namespace {

/// tests/golden/convert/stream: from_openai_<case> and from_anthropic_<case>, each
/// with the provider's stream and the client's.
struct Golden {
  std::string name;
  Dialect upstream;
  std::string given;
  std::string expected;

  StreamOptions options(const ToolNames& names) const {
    StreamOptions options = some_stream_options(names);
    options.include_usage = name.ends_with("_with_usage");
    return options;
  }
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Golden> goldens() {
  const std::filesystem::path folder = VDM_GOLDEN_DIR "/convert/stream";
  std::vector<Golden> all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    const bool from_openai = file.starts_with("from_openai_");
    const std::string given = from_openai ? ".openai.sse" : ".anthropic.sse";
    if (!file.ends_with(given)) continue;
    const std::string name = file.substr(0, file.size() - given.size());
    const std::string expected = from_openai ? ".anthropic.sse" : ".openai.sse";
    all.push_back({name, from_openai ? Dialect::OpenAi : Dialect::Anthropic, bytes_of(entry.path()),
                   bytes_of(folder / (name + expected))});
  }
  return all;
}

class StreamGolden : public testing::TestWithParam<Golden> {
 protected:
  ConvertedStream convert(const std::vector<std::string_view>& pieces) const {
    return convert_stream(GetParam().upstream, GetParam().options(names_), pieces);
  }

  const ToolNames names_ = some_tool_names();
};

TEST_P(StreamGolden, IsWhatItsFileSays) {
  EXPECT_EQ(convert({GetParam().given}).out, GetParam().expected);
}

TEST_P(StreamGolden, KeepsTheRulesOfItsDialect) {
  const ConvertedStream converted = convert({GetParam().given});

  const SeenStream seen = GetParam().upstream == Dialect::OpenAi
                              ? read_anthropic_stream(converted.out)
                              : read_openai_stream(converted.out);

  EXPECT_EQ(seen.fault, "");
  EXPECT_EQ(converted.whole, seen.ended || seen.error);
}

TEST_P(StreamGolden, IsTheSameWhereverItIsCut) {
  const std::string_view given = GetParam().given;
  const ConvertedStream whole = convert({given});

  EXPECT_EQ(convert(pieces_of(given, 1)), whole);
  for (std::size_t at = 1; at < given.size(); ++at) {
    ASSERT_EQ(convert({given.substr(0, at), given.substr(at)}), whole) << at;
  }
}

TEST_P(StreamGolden, IsTheSameInRandomPieces) {
  const std::string_view given = GetParam().given;
  const ConvertedStream whole = convert({given});
  std::mt19937 random(7);
  std::uniform_int_distribution<std::size_t> size(1, 200);

  for (int round = 0; round < 1000; ++round) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < given.size(); at += pieces.back().size()) {
      pieces.push_back(given.substr(at, size(random)));
    }
    ASSERT_EQ(convert(pieces), whole) << round;
  }
}

TEST_P(StreamGolden, IsTheSameWithOtherLineEnds) {
  std::string with_crlf;
  for (const char c : GetParam().given) {
    if (c == '\n') with_crlf.push_back('\r');
    with_crlf.push_back(c);
  }

  EXPECT_EQ(convert({with_crlf}), convert({GetParam().given}));
}

INSTANTIATE_TEST_SUITE_P(Streams, StreamGolden, testing::ValuesIn(goldens()),
                         [](const auto& golden) { return golden.param.name; });

}  // namespace
}  // namespace vdm::proxy::stream_golden_test
