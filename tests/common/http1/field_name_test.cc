#include "common/http1/field_name.h"

#include <gtest/gtest.h>

#include <string>

namespace vdm::http1::field_name_test {
namespace {

/// All bytes from `first` to `last`.
std::string bytes_between(int first, int last) {
  std::string all;
  for (int byte = first; byte <= last; ++byte) all.push_back(static_cast<char>(byte));
  return all;
}

TEST(FindControl, FindsTheFirstOneWhereverItStands) {
  const std::string controls = bytes_between(0, 8) + bytes_between(10, 31) + "\x7f";
  for (std::size_t size = 1; size <= 50; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char control : controls) {
        std::string text(size, 'a');
        text[at] = text.back() = control;

        EXPECT_EQ(find_control(text.data(), 0, size), at) << size;
        EXPECT_EQ(find_control(text.data(), at, size), at) << size;
        EXPECT_EQ(find_control(text.data(), 0, at), at) << "it stands behind the end";
      }
    }
  }
}

TEST(FindControl, TakesNoOtherByteForOne) {
  const std::string others = "\t" + bytes_between(32, 126) + bytes_between(128, 255);
  for (std::size_t size = 0; size <= others.size(); ++size) {
    EXPECT_EQ(find_control(others.data(), 0, size), size);
  }
}

TEST(Recognise, TellsOurNamesFromAllThatDifferInOneByte) {
  for (std::size_t i = 1; i < FieldNameCount; ++i) {
    const auto known = static_cast<FieldName>(i);
    std::string name(text_of(known));
    for (char& changed : name) {
      const char right = changed;
      for (const char byte : "\t" + bytes_between(32, 255)) {
        changed = byte;
        const bool same = bytes::lower(byte) == right;
        EXPECT_EQ(recognise(name) == known, same) << name;
      }
      changed = right;
    }
  }
}

}  // namespace
}  // namespace vdm::http1::field_name_test
