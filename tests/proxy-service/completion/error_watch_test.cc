#include "proxy-service/completion/error_watch.h"

#include <string>

#include <gtest/gtest.h>

namespace vdm::proxy::error_watch_test {
namespace {

OwnKeys keys() {
  OwnKeys own;
  own.add(Secret("sk-provider-key-0123456789"));
  return own;
}

std::string passed(std::string_view type, const std::string& text, std::size_t piece_size) {
  const OwnKeys own = keys();
  ErrorWatch watch(own, type);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece_size) {
    std::string piece = text.substr(at, piece_size);
    const auto now = watch.pass(piece, at + piece_size >= text.size());
    out.append(now.data(), now.size());
  }
  return out;
}

TEST(ErrorWatch, TakesKeysOutOfAnErrorHoweverItIsCut) {
  const std::string event =
      "data: {\"error\":{\"message\":\"bad key sk-provider-key-0123456789 sk-provider\"}}\n\n";
  const std::string blotted =
      "data: {\"error\":{\"message\":\"bad key ************************** sk-provider\"}}\n\n";
  for (std::size_t size = 1; size <= event.size(); ++size) {
    EXPECT_EQ(passed("text/event-stream", event, size), blotted) << size;
    EXPECT_EQ(passed("application/json", event, size), blotted) << size;
    EXPECT_EQ(passed("", event, size), blotted) << size;
  }
}

TEST(ErrorWatch, TakesNothingOutOfAnythingElse) {
  const std::string text = R"({"data":[1,2],"note":"sk-provider-key-0123456789 \"error\""})";
  for (const std::size_t size : {1u, 7u, 1000u}) {
    EXPECT_EQ(passed("application/json", text, size), text);
    EXPECT_EQ(passed("audio/mpeg", "Error sk-provider-key-0123456789", size),
              "Error sk-provider-key-0123456789");
  }
}

TEST(ErrorWatch, PassesTheVeryBytesUntilThen) {
  const OwnKeys own = keys();
  ErrorWatch watch(own, "application/json");
  std::string piece = R"({"object":"list"})";

  EXPECT_EQ(watch.pass(piece, false).data(), piece.data());
}

}  // namespace
}  // namespace vdm::proxy::error_watch_test
