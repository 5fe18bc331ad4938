#include "proxy-service/serve/listener.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/fakes/descriptor_limit.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::listener_test {
namespace {

using fakes::Peer;

TEST(Listener, ServesWhomItHasWithoutDescriptorsAndAcceptsOnceThereAreSome) {
  if (fakes::kSanitizerNeedsDescriptors) GTEST_SKIP();
  RunningGateway gateway(1);
  Peer accepted = gateway.on_one_thread().start().client();
  accepted.send(get("/health/ready"));
  ASSERT_EQ(accepted.read_message().status(), 200);

  std::optional<fakes::DescriptorLimit> limit(1u);
  Peer wait_point = gateway.client();  // has the last descriptor, so that accepting fails
  wait_point.send(get("/health/ready"));
  accepted.send(get("/health/ready"));
  const int meanwhile = accepted.read_message().status();
  limit.reset();

  EXPECT_EQ(meanwhile, 200);
  EXPECT_EQ(wait_point.read_message().status(), 200);
}

TEST(Listener, SaysThatAnAddressIsTaken) {
  RunningGateway first(1);
  first.start();
  RunningGateway second(1);
  second.config.listen.port = first.gateway().address().port();
  const SystemClock clock;
  const auto tls = TlsContext::make();
  ASSERT_TRUE(tls);

  const auto opened = Gateway::open({.config = second.config,
                                     .tls = *tls,
                                     .clock = clock,
                                     .sink = second.sink,
                                     .instance_id = "00112233445566778899aabbccddeeff"});

  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("in use"), std::string::npos) << opened.error().message;
}

}  // namespace
}  // namespace vdm::proxy::listener_test
