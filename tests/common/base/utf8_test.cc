#include "common/base/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace vdm::utf8_test {
namespace {

TEST(Text, KnowsUtf8) {
  for (const char* good :
       {"", "plain text, longer than a word", "é", "€", "😀", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
}

TEST(Text, KnowsWhatIsNotUtf8) {
  for (const char* bad : {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
                          "long enough for words \xe2\x82", "a\xe2\x28\xa1"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

TEST(Text, CutsBetweenCharacters) {
  EXPECT_EQ(cut_utf8("aé", 2), "a");
  EXPECT_EQ(cut_utf8("aé", 3), "aé");
  EXPECT_EQ(cut_utf8("€€", 5), "€");
  EXPECT_EQ(cut_utf8("😀", 3), "");
  EXPECT_EQ(cut_utf8("abc", 0), "");
}

TEST(Text, QuotesForeignTextOnOneLineAndCutsIt) {
  EXPECT_EQ(one_line("saw 'fal\n'", 100), "saw 'fal '");
  EXPECT_EQ(one_line("a\x1b[31m\x7f\r\t", 100), "a [31m   ");
  EXPECT_EQ(one_line("€uro\xff", 100), "€uro\uFFFD");
  EXPECT_EQ(one_line("abcdef", 6), "abcdef");
  EXPECT_EQ(one_line("abcdefg", 6), "abc…");
  EXPECT_EQ(one_line("€€€", 8), "€…");
}

TEST(Text, GivesCleanTextBackWithoutCopying) {
  const std::string text = "déjà vu";
  std::string room;

  EXPECT_EQ(clean_utf8(text, 100, room).data(), text.data());
}

TEST(Text, MakesUtf8WithinTheCapOutOfAnyBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 24, '\0');
    // High bytes are likely: that is where the rules are.
    for (char& c : bytes) c = static_cast<char>(random() % 4 == 0 ? random() : 0x80 | random());
    const std::size_t cap = random() % 24;
    std::string room;

    const std::string_view clean = clean_utf8(bytes, cap, room);

    ASSERT_TRUE(is_utf8(clean));
    ASSERT_LE(clean.size(), cap);
  }
}

}  // namespace
}  // namespace vdm::utf8_test
