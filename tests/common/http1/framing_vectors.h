#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace vdm::http1 {

/// What a client may send that has no one meaning, and the status that refuses it: by the guard
/// alone, and on every port it stands in front of.
struct FramingVector {
  const char* name;
  std::string stream;
  int status;
};

std::ostream& operator<<(std::ostream& out, const FramingVector& vector);

std::vector<FramingVector> smuggling_vectors();
std::vector<FramingVector> request_line_vectors();
std::vector<FramingVector> host_vectors();
std::vector<FramingVector> once_only_vectors();
/// All of them.
std::vector<FramingVector> framing_vectors();

/// The head of a POST with these fields, each with its line end.
std::string post(const std::string& fields);

}  // namespace vdm::http1
