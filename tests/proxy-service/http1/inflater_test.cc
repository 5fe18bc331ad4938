#include "proxy-service/http1/inflater.h"

#include <gtest/gtest.h>

#include "tests/fakes/compressed.h"

namespace vdm::http1::inflater_test {
namespace {

using fakes::Coding;
using fakes::compressed;

/// All that comes of the bytes, given in pieces of that many.
std::string inflated(Inflater& inflater, std::string_view bytes, std::size_t piece_bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    inflater.take(bytes.substr(at, piece_bytes));
    for (auto piece = inflater.next(); !piece.empty(); piece = inflater.next()) {
      EXPECT_LE(piece.size(), Inflater::PieceBytes);
      text.append(piece.data(), piece.size());
    }
  }
  return text;
}

std::string some_text() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text.append("event ").append(std::to_string(i * i)).append("\n");
  return text;
}

class InflaterOf : public testing::TestWithParam<Coding> {};

TEST_P(InflaterOf, GivesTheTextHoweverTheBytesAreCut) {
  const std::string text = some_text();
  const std::string bytes = compressed(text, GetParam());
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, bytes.size()}) {
    Inflater inflater;

    EXPECT_EQ(inflated(inflater, bytes, piece), text) << piece;
    EXPECT_TRUE(inflater.ended());
  }
}

TEST_P(InflaterOf, IsNotEndedByHalfOfTheBytes) {
  const std::string text = some_text();
  const std::string bytes = compressed(text, GetParam());
  Inflater inflater;

  const std::string begin = inflated(inflater, bytes.substr(0, bytes.size() / 2), 100);

  EXPECT_TRUE(text.starts_with(begin));
  EXPECT_FALSE(inflater.ended());
  EXPECT_EQ(inflater.refusal(), "");
}

std::string name_of_coding(const testing::TestParamInfo<Coding>& coding) {
  if (coding.param == Coding::Gzip) return "Gzip";
  return coding.param == Coding::Deflate ? "Deflate" : "RawDeflate";
}
INSTANTIATE_TEST_SUITE_P(Codings, InflaterOf,
                         testing::Values(Coding::Gzip, Coding::Deflate, Coding::RawDeflate),
                         name_of_coding);

TEST(Inflater, RefusesDamagedBytes) {
  std::string bytes = compressed(some_text(), Coding::Gzip);
  for (std::size_t at = 20; at < 40; ++at) bytes[at] = '\x7f';
  Inflater inflater;

  inflated(inflater, bytes, bytes.size());

  EXPECT_EQ(inflater.refusal(), "its compressed answer is damaged");
  EXPECT_TRUE(inflater.next().empty());
}

TEST(Inflater, RefusesATextThatExpandsTooMuch) {
  const std::string bytes = compressed(std::string(64 * 1024 * 1024, 'x'), Coding::Gzip);
  Inflater inflater;

  const std::string begin = inflated(inflater, bytes, bytes.size());

  EXPECT_EQ(inflater.refusal(), "its compressed answer expands too much");
  EXPECT_LE(begin.size(), bytes.size() * Inflater::RatioMax + Inflater::PieceBytes);
}

TEST(Inflater, LeavesOutWhatFollowsTheEnd) {
  Inflater inflater;

  EXPECT_EQ(inflated(inflater, compressed("all", Coding::Gzip) + "surplus", 3), "all");
  EXPECT_TRUE(inflater.ended());
}

TEST(Inflater, KnowsTheCodingsThatItUndoes) {
  EXPECT_TRUE(Inflater::undoes("gzip"));
  EXPECT_TRUE(Inflater::undoes(" X-GZip "));
  EXPECT_TRUE(Inflater::undoes("deflate"));
  EXPECT_FALSE(Inflater::undoes("br"));
  EXPECT_FALSE(Inflater::undoes("zstd"));
  EXPECT_FALSE(Inflater::undoes("gzip, br"));
  EXPECT_FALSE(Inflater::undoes("identity"));
}

}  // namespace
}  // namespace vdm::http1::inflater_test
