#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/peer.h"

namespace vdm::fakes {

/// A provider on a loopback port of its own. For every connection it runs the script on a separate
/// thread, with the peer and the connection's number from 0. Thread: any.
class FakeUpstream {
 public:
  using Script = std::function<void(Peer& peer, int connection)>;

  explicit FakeUpstream(Script script);
  ~FakeUpstream();
  FakeUpstream(const FakeUpstream&) = delete;
  FakeUpstream& operator=(const FakeUpstream&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_.load(); }

  /// A script that answers every request of a connection with the same bytes and stores the
  /// requests in `asked`.
  static Script always(std::string answer, std::vector<Message>* asked = nullptr);

 private:
  void accept_all();

  Script script_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::vector<int> open_;
  std::thread acceptor_;
};

/// An answer with a Content-Length.
std::string whole_answer(int status, std::string_view body,
                         std::string_view content_type = "application/json",
                         std::string_view more_fields = "");
std::string chunk(std::string_view payload);
/// The head of a chunked event stream.
std::string stream_head(std::string_view more_fields = "");

}  // namespace vdm::fakes
