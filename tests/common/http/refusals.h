#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/common/http/served.h"
#include "tests/common/http1/framing_vectors.h"

namespace vdm::http {

/// Sends what has no one meaning to the server behind `port`, at once and byte by byte, and a good
/// request behind it: one refusal comes, and nothing behind it is read as a request.
inline void expect_framing_vectors_refused(std::uint16_t port) {
  for (const http1::FramingVector& vector : http1::framing_vectors()) {
    for (const bool at_once : {true, false}) {
      SCOPED_TRACE(vector.name);
      const std::string bytes = vector.stream + get("/health");
      Client client(port);
      if (at_once) {
        client.send(bytes);
      } else {
        for (const char byte : bytes) client.send({&byte, 1});
      }
      client.half_close();
      const std::string answer = client.read_to_end();

      EXPECT_EQ(answer.rfind("HTTP/1.1 " + std::to_string(vector.status) + " ", 0), 0u) << answer;
      EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
      EXPECT_EQ(answer.find("Date:"), answer.rfind("Date:")) << "a second answer: " << answer;
    }
  }
}

}  // namespace vdm::http
