#include "proxy-service/redact/own_keys.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace vdm::proxy::own_keys_test {
namespace {

constexpr std::string_view Key = "sk-proj-AbC+dEf/0123456789";

OwnKeys keys_of(std::initializer_list<std::string_view> keys) {
  OwnKeys own;
  for (const std::string_view key : keys) own.add(Secret(std::string(key)));
  return own;
}

std::string blotted(std::string text, const OwnKeys& own = keys_of({Key})) {
  EXPECT_EQ(own.blot_out(text), 0u) << "nothing is held back of a whole text";
  return text;
}

std::string stars(std::size_t size) { return std::string(size, '*'); }

TEST(OwnKeys, AreBlottedOutWhereverTheyStand) {
  const std::string key(Key);

  EXPECT_EQ(blotted(key), stars(Key.size()));
  EXPECT_EQ(blotted("key '" + key + "' is wrong, " + key + key),
            "key '" + stars(Key.size()) + "' is wrong, " + stars(2 * Key.size()));
  EXPECT_EQ(blotted("sk-proj-AbC sk-sk-" + key), "sk-proj-AbC sk-sk-" + stars(Key.size()));
  EXPECT_EQ(blotted("nothing of the kind"), "nothing of the kind");
  EXPECT_EQ(blotted(""), "");
}

TEST(OwnKeys, AreKnownAsJsonAndUrlsWriteThem) {
  for (const std::string written :
       {R"(sk-proj-AbC+dEf\/0123456789)", R"(sk-proj-AbC\u002bdEf\u002F0123456789)",
        "sk-proj-AbC%2BdEf%2f0123456789", R"(sk\u002dproj-AbC+dEf/0123456789)"}) {
    EXPECT_EQ(blotted("\"" + written + "\""), "\"" + stars(written.size()) + "\"") << written;
  }
  EXPECT_EQ(blotted("sk-proj-AbC%2", keys_of({Key})), "sk-proj-AbC%2");
  EXPECT_EQ(blotted(R"(sk-proj-AbC\)"), R"(sk-proj-AbC\)");
}

TEST(OwnKeys, AreKnownByALongBeginning) {
  EXPECT_EQ(blotted("got sk-proj-AbC+dEf/... here"), "got " + stars(16) + "... here");
  EXPECT_EQ(blotted("got sk-proj-AbC+dEf... here"), "got sk-proj-AbC+dEf... here");
}

TEST(OwnKeys, AreNoWordsOfEveryDay) {
  for (const std::string_view word : {"demo", "ollama", "x1", "none", "", "1234"}) {
    EXPECT_FALSE(OwnKeys::is_telling(word)) << word;
  }
  for (const std::string_view key : {"sk-1234", "hunter2", "lm-studio", "12345678"}) {
    EXPECT_TRUE(OwnKeys::is_telling(key)) << key;
  }
  const OwnKeys own = keys_of({"demo", "sk-1234"});
  EXPECT_EQ(blotted("demo: sk-1234", own), "demo: *******");
}

TEST(OwnKeys, MayBeginAlike) {
  const OwnKeys own = keys_of({"sk-aaaa1", "sk-aaaa1-longer", "sk-bbbb2"});

  EXPECT_EQ(blotted("sk-aaaa1 sk-aaaa1-longer sk-aaaa1-long sk-bbbb2", own),
            stars(8) + " " + stars(15) + " " + stars(8) + "-long " + stars(8));
}

// Wherever a text is cut in pieces, it comes out as it does whole.
TEST(OwnKeys, AreFoundHoweverTheTextIsCut) {
  const OwnKeys own = keys_of({Key, "sk-aaaaask-", "sk-aaaaask-more"});
  const std::string text = "a " + std::string(Key) + R"(, "sk-proj-AbC\u002bdEf\/0123456789")" +
                           " sk-aaaaask- sk-aaaaask-more sk-proj-AbC+dEf/01 sk-aaaaask-aaaaask-";
  const std::string whole = blotted(text, own);
  ASSERT_EQ(whole.find("0123456789"), std::string::npos);
  for (std::size_t size = 1; size < text.size(); ++size) {
    std::string out;
    std::string ahead;
    for (std::size_t at = 0; at < text.size(); at += size) {
      ahead.append(text, at, size);
      const bool last = at + size >= text.size();
      const std::size_t held =
          own.blot_out(ahead, last ? OwnKeys::Rest::None : OwnKeys::Rest::Follows);
      out.append(ahead, 0, ahead.size() - held);
      ahead.erase(0, ahead.size() - held);
    }
    EXPECT_EQ(out, whole) << "in pieces of " << size;
  }
}

}  // namespace
}  // namespace vdm::proxy::own_keys_test
