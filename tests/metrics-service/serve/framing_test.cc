#include <gtest/gtest.h>

#include "tests/common/http/refusals.h"
#include "tests/metrics-service/serve/served_api.h"

namespace vdm::metrics::framing_test {
namespace {

TEST(MetricsPort, RefusesEveryFramingVector) {
  ServedApi served;
  http::expect_framing_vectors_refused(served.port());
}

// Whoever it is from and whatever it asks for: its length is missing before its key is.
TEST(MetricsPort, RefusesAChunkedBodyAndReadsNothingBehindIt) {
  ServedApi served;
  for (const auto* path : {"/metrics/active-requests/1/cancel", "/nowhere"}) {
    auto client = served.client();

    client.send("POST " + std::string(path) +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" +
                http::get("/health"));
    const std::string answer = client.read_to_end();

    EXPECT_EQ(answer.rfind("HTTP/1.1 411 ", 0), 0u) << answer;
    EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Date:"), answer.rfind("Date:")) << "a second answer came";
  }
  EXPECT_TRUE(served.cancelled().empty());
}

}  // namespace
}  // namespace vdm::metrics::framing_test
