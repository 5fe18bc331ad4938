#pragma once

#include <memory>
#include <utility>

#include "common/http1/request_head.h"
#include "proxy-service/completion/client_request.h"
#include "proxy-service/serve/routes.h"
#include "proxy-service/serve/serving_worker.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// One client connection: it reads a head strictly, decides whether to admit the request
/// before it looks at a byte of the body, answers, and goes on to the next head. After
/// it has refused a head, it reads no further byte of the connection as a request.
/// Thread: its IoThread.
class Session : public ListHook {
 public:
  Session(std::shared_ptr<ServingWorker> worker, Descriptor socket);

  Task<void> run();

  /// The thread's tick calls it: checks the deadline, and notices a client that left while no
  /// read was pending.
  void tick(MonotonicTime now);
  /// Requests that begin from now on use `worker`; the running one keeps its own.
  void renew(std::shared_ptr<ServingWorker> worker) { next_worker_ = std::move(worker); }
  /// Closes the connection if it is idle. A new one still gets a second for its first request.
  void drain();
  void interrupt(Interrupt why) { client_.wait_point().interrupt(why); }

 private:
  enum class Got { Head, Refused, Nothing };

  Task<Got> read_head();
  void take_next_worker();
  Task<bool> serve();
  /// What the authenticator decides about the keys in the head.
  AuthResult authenticate();
  Task<void> answer(const Route& route, ReplyTerms& terms, const Secret& key);
  /// The answers for which the gateway asks a provider, and those that it knows by itself.
  Task<Answer> provider_answer(Service service, const ModelQuestion& question);
  Answer own_answer(const Route& route, const ReplyTerms& terms, std::string_view path,
                    std::string_view query, std::string_view accept) const;
  Task<void> close_gently();

  std::shared_ptr<ServingWorker> worker_;
  std::shared_ptr<ServingWorker> next_worker_;  ///< null: the same
  ClientConnection client_;
  http1::RequestHead head_;
  ClientRequest request_;
  CredentialCache credentials_;
  // Worked out from the head; valid for a next head that repeats it.
  Route route_;
  bool known_host_ = false;
  bool admitted_ = false;
  bool idle_ = true;
  bool first_ = true;
  bool repeated_ = false;  ///< the head equals the last one, but for the body's length
};

}  // namespace vdm::proxy
