#pragma once

#include <exception>
#include <memory>
#include <utility>

#include "proxy-service/serve/accepted.h"
#include "proxy-service/serve/client_head.h"
#include "proxy-service/serve/health.h"
#include "proxy-service/serve/serving_worker.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// One client connection: reads heads strictly, decides who may have what before
/// a byte of the body is looked at, answers, and goes round again. After a
/// refusal no further byte of the connection is read as a request. Whatever is thrown on the
/// way is an error of the request in hand: its client is told, and no other is concerned.
/// Thread: its IoThread.
class Session : public ListHook {
 public:
  Session(std::shared_ptr<ServingWorker> worker, Descriptor socket, Seat seat);

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
  enum class HeadRead { Complete, Refused, Ended };

  Task<void> serve_requests();
  Task<HeadRead> read_head();
  void take_next_worker();
  Task<bool> serve();
  void audit_refusal();
  Task<bool> answer_preflight();
  /// Passes on a request of a route that passes whole.
  Task<void> forward(ClientRequest& request, MonotonicTime begun);
  Task<void> answer(const Route& route, const ClientCredential& own);
  /// What a provider has to be asked for, and what we know by ourselves.
  Task<Answer> provider_answer(Service service, const ModelQuestion& question);
  Answer own_answer(const Route& route, std::string_view path, std::string_view query,
                    std::string_view accept);
  Told told();
  /// Why the request is not served, by its head alone.
  Refusal refusal_of_head() const;
  Task<bool> refuse(const Refusal& refusal);
  /// Refuses a request that no exchange has begun for; its report, if it is for a completion.
  Task<bool> reject(const Refusal& refusal, MonotonicTime begun);
  /// The same, and the connection may serve on.
  Task<bool> tell_rejected(const Refusal& refusal, MonotonicTime begun);
  Task<bool> shed(Shortage shortage, MonotonicTime begun);
  RequestFacts rejected_facts(const Route& route, MonotonicTime begun);
  Task<void> tell_fault(const std::exception_ptr& fault);
  Task<void> close_gently();

  std::shared_ptr<ServingWorker> worker_;
  std::shared_ptr<ServingWorker> next_worker_;  ///< null: the same
  ClientConnection client_;
  ClientHead head_;
  ReplyTerms terms_;  ///< of the request in hand
  const Seat seat_;
  bool idle_ = true;
  bool first_ = true;
};

}  // namespace vdm::proxy
