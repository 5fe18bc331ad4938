#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "proxy-service/config/config.h"
#include "proxy-service/http1/response_head.h"
#include "proxy-service/net/connection.h"
#include "proxy-service/net/name_resolver.h"
#include "proxy-service/net/tls_context.h"
#include "proxy-service/retry/retry.h"

namespace vdm::proxy {

/// The idle connections of one thread to one door of a provider, and the TLS session to resume. An
/// idle connection keeps a read pending, so the pool drops one that the provider closes.
/// take_idle() takes the newest; at the limit give_back() closes the oldest. Thread: its IoThread.
class ProviderPool {
 public:
  struct Options {
    std::size_t idle_max;
    std::chrono::milliseconds idle_time;
    std::size_t head_bytes_max = http1::ResponseHead::BytesMost;  ///< of an answer's head
  };

  ProviderPool(NameClient& names, Reactor& reactor, const Provider& provider, const Door& door,
               const TlsContext& tls, ReadBuffer& read_buffer, Options options)
      : names_(names),
        reactor_(reactor),
        provider_(provider),
        address_(door.base_url),
        tls_(tls),
        read_buffer_(read_buffer),
        options_(options) {}
  ProviderPool(const ProviderPool&) = delete;
  ProviderPool& operator=(const ProviderPool&) = delete;

  /// The newest idle connection, or nothing.
  Connection::Ptr take_idle();
  /// Looks up the name, connects and makes the TLS handshake, within the provider's
  /// timeouts. On failure `fault` is the kind.
  Task<Result<Connection::Ptr>> connect(WaitPoint& wait_point, const MonotonicTime& now,
                                        AttemptFailure::Kind& fault);
  /// `connection` has nothing unread, and its answer has ended.
  void give_back(Connection::Ptr connection, MonotonicTime now);

  void close_expired(MonotonicTime now);
  /// Closes the idle connections, and keeps none from now on. Running calls go on.
  void keep_none();
  std::size_t idle() const { return idle_.size(); }
  const Provider& provider() const { return provider_; }
  std::size_t head_bytes_max() const { return options_.head_bytes_max; }

 private:
  struct Idle {
    Connection::Ptr connection;
    MonotonicTime since;
  };

  Task<Result<NameAnswer::Addresses>> resolve(WaitPoint& wait_point, const MonotonicTime& now,
                                              MonotonicTime until);
  void drop(const Connection* connection);

  NameClient& names_;
  Reactor& reactor_;
  const Provider& provider_;
  const BaseUrl& address_;
  const TlsContext& tls_;
  ReadBuffer& read_buffer_;
  Options options_;
  TlsSession session_;
  std::vector<Idle> idle_;  ///< last, since they end first: TLS keeps its session in the one above
};

}  // namespace vdm::proxy
