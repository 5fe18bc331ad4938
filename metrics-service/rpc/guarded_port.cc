#include "metrics-service/rpc/guarded_port.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <future>
#include <list>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include <grpcpp/server_posix.h>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "common/base/clock.h"
#include "common/base/host_port.h"
#include "common/base/ip_address.h"
#include "common/base/log.h"
#include "common/base/peer_connections.h"
#include "common/http/io_thread.h"
#include "common/http/listener.h"
#include "metrics-service/rpc/peer_address.h"
#include "metrics-service/throttle/log_limit.h"

namespace vdm::metrics {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using http::as_values;
using http::Awaitable;
using net::experimental::awaitable_operators::operator||;
using Client = net::ip::tcp::socket;
using Server = net::local::stream_protocol::socket;

constexpr std::size_t ReadSize = 64 * 1024;

/// One connection: the client's socket, ours of the pair, and gRPC's, which gRPC closes.
struct Relay {
  Relay(Client from, Server to, const FrameLimits& limits, IpAddress address, std::string peer)
      : client(std::move(from)),
        server(std::move(to)),
        guard(limits),
        peer_ip(address),
        peer_name(std::move(peer)) {}

  /// Ends what waits on either.
  void close() {
    error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }

  Client client;
  Server server;
  FrameGuard guard;
  const IpAddress peer_ip;
  const std::string peer_name;
  std::optional<MonotonicTime> part_began;    ///< of the preface, or of a frame
  std::optional<MonotonicTime> server_waits;  ///< since when gRPC takes nothing of it
  std::optional<MonotonicTime> client_waits;  ///< since when the client takes nothing
};

/// "host:port", as authority() writes it.
HostPort address_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  HostPort at{std::string(host), 0};
  if (colon == std::string_view::npos) return at;
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), at.port);
  return at;
}

/// As gRPC names the peer of a connection of its own.
std::string name_of(const net::ip::tcp::endpoint& peer) {
  return (peer.address().is_v4() ? "ipv4:" : "ipv6:") +
         authority({peer.address().to_string(), peer.port()});
}

}  // namespace

struct GuardedPort::State {
  explicit State(const GuardedPortOptions& given)
      : options(given), refusals(clock), full(clock), thread("guarded port") {}

  void take(Client client);
  void begin(Client client, const net::ip::tcp::endpoint& peer, const IpAddress& address);
  std::size_t most_of(const IpAddress& peer) const;
  void log_full(const std::string& peer, std::string_view why);
  void log_refusal(const Relay& relay, std::string_view why);

  Awaitable<void> run(std::list<Relay>::iterator relay);
  Awaitable<void> relay_requests(Relay& relay);
  Awaitable<void> relay_answers(Relay& relay);
  Awaitable<void> check_now_and_then();
  void check(Relay& relay, MonotonicTime now);

  const GuardedPortOptions options;
  const SystemClock clock;
  LogLimit refusals;
  LogLimit full;
  grpc::Server* server = nullptr;
  bool is_served = false;
  bool is_open = false;  ///< its thread's
  PeerConnections peers;
  std::list<Relay> relays;
  std::array<char, ReadSize> space{};  ///< what was read last; nothing of it is kept over a wait
  std::string passed;                  ///< the same
  http::IoThread thread;
  std::unique_ptr<http::Listener> listener;
};

std::size_t GuardedPort::State::most_of(const IpAddress& peer) const {
  if (options.connections_per_address_max > 0) return options.connections_per_address_max;
  if (peer.is_loopback()) return options.connections_max;
  return std::max<std::size_t>(1, options.connections_max / 2);
}

void GuardedPort::State::log_full(const std::string& peer, std::string_view why) {
  if (const auto unsaid = full.admit()) {
    log::warning("connection not taken", {{"peer", peer},
                                          {"why", std::string(why)},
                                          {"not_logged_before", std::to_string(*unsaid)}});
  }
}

void GuardedPort::State::log_refusal(const Relay& relay, std::string_view why) {
  if (const auto unsaid = refusals.admit()) {
    log::warning("connection closed", {{"peer", relay.peer_name},
                                       {"why", std::string(why)},
                                       {"not_logged_before", std::to_string(*unsaid)}});
  }
}

void GuardedPort::State::take(Client client) {
  if (!is_open) return;
  error_code error;
  const auto peer = client.remote_endpoint(error);
  if (error) return;  // it has gone again
  if (relays.size() >= options.connections_max) return log_full(name_of(peer), "too many");
  const IpAddress address = peer_address(name_of(peer));
  if (!peers.take(address, most_of(address))) {
    return log_full(name_of(peer), "too many from this address");
  }
  begin(std::move(client), peer, address);
}

void GuardedPort::State::begin(Client client, const net::ip::tcp::endpoint& peer,
                               const IpAddress& address) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    peers.give_back(address);
    return log_full(name_of(peer), std::generic_category().message(errno));
  }
  error_code ignored;
  client.non_blocking(true, ignored);
  Server ours(thread.context(), net::local::stream_protocol(), pair[0]);
  ours.non_blocking(true, ignored);
  relays.emplace_front(std::move(client), std::move(ours), options.frames, address, name_of(peer));
  relays.front().part_began = clock.monotonic();
  const int theirs = name_peer(pair[1], relays.front().peer_name);
  grpc::AddInsecureChannelFromFd(server, theirs);
  thread.spawn("guarded connection", run(relays.begin()));
}

Awaitable<void> GuardedPort::State::run(std::list<Relay>::iterator relay) {
  struct Entry {
    State& state;
    std::list<Relay>::iterator relay;
    ~Entry() {
      state.peers.give_back(relay->peer_ip);
      state.relays.erase(relay);
    }
  };
  const Entry entry{*this, relay};
  auto requests = relay_requests(*relay);
  auto answers = relay_answers(*relay);
  co_await (std::move(requests) || std::move(answers));
}

Awaitable<void> GuardedPort::State::relay_requests(Relay& relay) {
  error_code error;
  while (!error) {
    const auto [failed] = co_await relay.client.async_wait(net::socket_base::wait_read, as_values);
    if (failed) co_return;
    const std::size_t size = relay.client.read_some(net::buffer(space), error);
    if (error == net::error::would_block) {
      error.clear();
      continue;
    }
    if (error) co_return;
    passed.clear();
    const MonotonicTime now = clock.monotonic();
    const auto since = std::chrono::duration_cast<FrameGuard::Time>(now.time_since_epoch());
    const auto taken = relay.guard.take({space.data(), size}, since, passed);
    if (!taken) {
      log_refusal(relay, taken.error().message);
      co_return;
    }
    if (!relay.guard.is_within()) {
      relay.part_began.reset();
    } else if (!passed.empty() || !relay.part_began) {
      relay.part_began = now;
    }
    const std::size_t sent = relay.server.write_some(net::buffer(passed), error);
    if (error == net::error::would_block) error.clear();
    if (error || sent == passed.size()) continue;
    const std::string rest = passed.substr(sent);
    const auto bytes = net::buffer(rest);
    relay.server_waits = now;
    const auto [broken, size_sent] = co_await net::async_write(relay.server, bytes, as_values);
    relay.server_waits.reset();
    error = broken;
  }
}

Awaitable<void> GuardedPort::State::relay_answers(Relay& relay) {
  error_code error;
  while (!error) {
    const auto [failed] = co_await relay.server.async_wait(net::socket_base::wait_read, as_values);
    if (failed) co_return;
    const std::size_t size = relay.server.read_some(net::buffer(space), error);
    if (error == net::error::would_block) {
      error.clear();
      continue;
    }
    if (error) co_return;
    relay.guard.note_answer({space.data(), size});
    const std::size_t sent = relay.client.write_some(net::buffer(space.data(), size), error);
    if (error == net::error::would_block) error.clear();
    if (error || sent == size) continue;
    std::string rest(space.data() + sent, size - sent);
    while (!error && !rest.empty()) {
      relay.client_waits = clock.monotonic();
      const auto bytes = net::buffer(rest);
      const auto [broken, taken] = co_await relay.client.async_write_some(bytes, as_values);
      relay.client_waits.reset();
      error = broken;
      rest.erase(0, taken);
    }
  }
}

Awaitable<void> GuardedPort::State::check_now_and_then() {
  net::steady_timer timer(thread.context());
  while (true) {
    timer.expires_after(options.check_interval);
    const auto [cancelled] = co_await timer.async_wait(as_values);
    if (cancelled) co_return;
    for (Relay& relay : relays) check(relay, clock.monotonic());
  }
}

/// Closes a connection whose client is too slow. What gRPC itself does not take is not its fault.
void GuardedPort::State::check(Relay& relay, MonotonicTime now) {
  const bool is_slow = relay.part_began && !relay.server_waits &&  //
                       now - *relay.part_began > options.part_time;
  const bool is_deaf = relay.client_waits && now - *relay.client_waits > options.write_time;
  if (!is_slow && !is_deaf) return;
  log_refusal(relay, is_slow ? "it began something and did not go on" : "it reads nothing");
  relay.close();
}

Result<std::unique_ptr<GuardedPort>> GuardedPort::open(const std::string& address,
                                                       const GuardedPortOptions& options) {
  const HostPort at = address_of(address);
  auto state = std::make_unique<State>(options);
  auto listener =
      http::Listener::open(state->thread, at.host, at.port,
                           [made = state.get()](Client client) { made->take(std::move(client)); });
  if (!listener) return listener.error();
  state->listener = std::move(*listener);
  return std::unique_ptr<GuardedPort>(new GuardedPort(std::move(state)));
}

GuardedPort::GuardedPort(std::unique_ptr<State> state) : state_(std::move(state)) {}

GuardedPort::~GuardedPort() {
  close();
  state_->thread.release();
  state_->thread.cancel_all();
  state_->thread.join();
}

std::uint16_t GuardedPort::port() const { return state_->listener->port(); }

void GuardedPort::serve(grpc::Server& server) {
  state_->server = &server;
  state_->is_open = true;
  state_->is_served = true;
  state_->thread.spawn("check guarded connections", state_->check_now_and_then());
  state_->thread.start();
}

void GuardedPort::close() {
  if (!state_->is_served) return state_->listener->close();
  // gRPC takes no connection while it shuts down: none may be on its way when this returns.
  std::promise<void> closed;
  state_->thread.post([state = state_.get(), &closed] {
    state->is_open = false;  // one may be accepted already
    state->listener->close();
    closed.set_value();
  });
  closed.get_future().wait();
}

}  // namespace vdm::metrics
