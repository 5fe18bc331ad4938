#include "metrics-service/rpc/guarded_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/grpc/metrics_rig.h"

namespace vdm::metrics::guarded_port_test {
namespace {

/// Connects, begins HTTP/2 and goes again. False when nobody listens.
bool connect_and_leave(std::uint16_t port) {
  constexpr std::string_view Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected =
      ::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (connected) (void)::send(client, Preface.data(), Preface.size(), MSG_NOSIGNAL);
  ::close(client);
  return connected;
}

TEST(GuardedPort, TakesNoConnectionWhileItsServerStops) {
  for (int round = 0; round < 20; ++round) {
    HoldingLog log;
    auto metrics = std::make_unique<MetricsRig>(log);
    const std::string address = metrics->ingest_address();
    const auto port =
        static_cast<std::uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str()));
    std::atomic<int> connected{0};
    std::jthread comers([&] {
      while (connect_and_leave(port)) ++connected;
    });
    while (connected < 20) std::this_thread::yield();

    metrics.reset();
  }
}

}  // namespace
}  // namespace vdm::metrics::guarded_port_test
