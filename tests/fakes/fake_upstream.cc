#include "tests/fakes/fake_upstream.h"

#include <cstdio>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vdm::fakes {

FakeUpstream::FakeUpstream(Script script)
    : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::listen(listener_, 1024);
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

FakeUpstream::~FakeUpstream() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int descriptor : open_) ::shutdown(descriptor, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int descriptor : open_) ::close(descriptor);
}

void FakeUpstream::accept_all() {
  for (;;) {
    const int descriptor = ::accept(listener_, nullptr, nullptr);
    if (descriptor < 0) return;
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int number = connections_.fetch_add(1);
    const std::lock_guard lock(mutex_);
    // A duplicate keeps the connection's socket, so that stopping never shuts down a descriptor of
    // somebody else.
    open_.push_back(::dup(descriptor));
    threads_.emplace_back([this, descriptor, number] {
      Peer peer(descriptor);
      script_(peer, number);
    });
  }
}

FakeUpstream::Script FakeUpstream::always(std::string answer, std::vector<Message>* asked) {
  return [answer = std::move(answer), asked](Peer& peer, int) {
    for (;;) {
      Message request = peer.read_message();
      if (!request.complete) return;
      if (asked != nullptr) asked->push_back(std::move(request));
      if (!peer.send(answer)) return;
    }
  };
}

std::string whole_answer(int status, std::string_view body, std::string_view content_type,
                         std::string_view more_fields) {
  std::string answer = "HTTP/1.1 " + std::to_string(status) + " Said\r\ncontent-type: ";
  answer.append(content_type).append("\r\n").append(more_fields);
  answer.append("content-length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return answer.append(body);
}

std::string chunk(std::string_view payload) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", payload.size());
  return std::string(size).append(payload).append("\r\n");
}

std::string stream_head(std::string_view more_fields) {
  return std::string("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
      .append(more_fields)
      .append("transfer-encoding: chunked\r\n\r\n");
}

}  // namespace vdm::fakes
