#include "proxy-service/net/connection.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include <sys/socket.h>

#include "tests/fakes/descriptor_limit.h"
#include "tests/fakes/peer.h"

namespace vdm::proxy::connection_test {
namespace {

using fakes::Peer;
using std::chrono::milliseconds;
constexpr milliseconds Long{10'000};

/// A port of its own, whose connections the test accepts when it likes.
class Port {
 public:
  Port() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
    EXPECT_EQ(::bind(socket_.get(), any.data(), static_cast<socklen_t>(any.size())), 0);
    EXPECT_EQ(::listen(socket_.get(), 8), 0);
    socklen_t size = sizeof(sockaddr_in);
    EXPECT_EQ(::getsockname(socket_.get(), endpoint_.data(), &size), 0);
  }
  const tcp::endpoint& endpoint() const { return endpoint_; }
  Peer accept() { return Peer(::accept(socket_.get(), nullptr, nullptr)); }

 private:
  Descriptor socket_;
  tcp::endpoint endpoint_{asio::ip::address_v4::loopback(), 0};
};

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() {
    connection_.emplace(reactor_, read_buffer_);
    connection_->detach([this] { ++told_; });
  }

  /// Begins to connect, and has the peer's end before the wire has been told anything.
  Peer begin() {
    connection_->start_connect(port_.endpoint());
    return port_.accept();
  }
  Peer connect() {
    Peer peer = begin();
    reactor_.wait(Long);
    EXPECT_FALSE(connection_->connecting());
    EXPECT_FALSE(connection_->connect_error());
    return peer;
  }
  /// Goes round until the wire is told once more, or nothing comes for a long time.
  void until_told() {
    const int before = told_;
    const auto give_up = std::chrono::steady_clock::now() + Long;
    while (told_ == before && std::chrono::steady_clock::now() < give_up) reactor_.wait(Long);
    EXPECT_GT(told_, before);
  }
  /// Reads until `bytes` have come, or the end.
  std::string read(std::size_t bytes) {
    std::string all;
    while (all.size() < bytes && !connection_->ended() && !HasFailure()) {
      connection_->arm();
      until_told();
      const std::span<char> piece = connection_->take();
      all.append(piece.data(), piece.size());
    }
    return all;
  }

  Port port_;
  Reactor reactor_;
  ReadBuffer read_buffer_;
  std::optional<Connection> connection_;
  int told_ = 0;
};

TEST_F(ConnectionTest, ReadsWhatAPeerSaysAsSoonAsItIsReached) {
  Peer peer = begin();
  peer.send("at once");
  reactor_.wait(Long);

  EXPECT_EQ(read(7), "at once");
}

TEST_F(ConnectionTest, SeesAPeerThatLeavesAsSoonAsItIsReached) {
  Peer peer = begin();
  peer.shutdown_send();
  reactor_.wait(Long);

  EXPECT_EQ(read(1), "");
  EXPECT_TRUE(connection_->ended());
}

TEST_F(ConnectionTest, ReadsAllThatCameBeforeTheEndInOneChange) {
  Peer peer = connect();
  const std::string said(10'000, 'x');
  peer.send(said);
  peer.close();

  EXPECT_EQ(read(said.size() + 1), said);
  EXPECT_EQ(connection_->error(), asio::error::eof);
}

TEST_F(ConnectionTest, ReadsWhatCameWhileNobodyWaited) {
  Peer peer = connect();
  peer.send("early");
  reactor_.wait(Long);
  EXPECT_EQ(told_, 1) << "it is connected, and no more was asked";

  EXPECT_EQ(read(5), "early");
}

TEST_F(ConnectionTest, HasAReadPendingUntilSomethingComes) {
  Peer peer = connect();
  connection_->arm();

  reactor_.wait(milliseconds(0));
  EXPECT_TRUE(connection_->reading());
  peer.send("late");
  until_told();

  EXPECT_EQ(connection_->unread(), "late");
}

TEST_F(ConnectionTest, SaysWhyItCannotConnect) {
  const tcp::endpoint nobody = Port().endpoint();  // closed again
  connection_->start_connect(nobody);

  until_told();

  EXPECT_EQ(connection_->connect_error(), asio::error::connection_refused);
}

TEST_F(ConnectionTest, ConnectsElsewhereAfterItCouldNot) {
  connection_->start_connect(Port().endpoint());
  until_told();

  Peer peer = connect();
  peer.send("here");

  EXPECT_EQ(read(4), "here");
}

TEST_F(ConnectionTest, SaysThatThereIsNoDescriptorForIt) {
  if (fakes::kSanitizerNeedsDescriptors) GTEST_SKIP();
  {
    const fakes::DescriptorLimit none(0);
    connection_->start_connect(port_.endpoint());
  }
  until_told();

  EXPECT_EQ(connection_->connect_error(), asio::error::no_descriptors);
}

TEST_F(ConnectionTest, MayEndBeforeItIsToldThatThereIsNoDescriptorForIt) {
  if (fakes::kSanitizerNeedsDescriptors) GTEST_SKIP();
  {
    const fakes::DescriptorLimit none(0);
    connection_->start_connect(port_.endpoint());
  }
  connection_.reset();

  reactor_.wait(milliseconds(0));

  EXPECT_EQ(told_, 0);
}

TEST_F(ConnectionTest, IsToldOnceOfAResetByAPeer) {
  Peer peer = connect();
  connection_->arm();
  peer.reset();

  until_told();
  reactor_.wait(milliseconds(0));

  EXPECT_EQ(told_, 2) << "connected, and ended";
  EXPECT_EQ(connection_->error(), asio::error::connection_reset);
}

}  // namespace
}  // namespace vdm::proxy::connection_test
