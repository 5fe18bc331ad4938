#include "proxy-service/catalog/kept_lists.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "proxy-service/upstream/wait_error.h"
#include "proxy-service/upstream/whole_answer.h"

namespace vdm::proxy {
namespace {

// Anthropic lists 20 models unless asked for more.
constexpr std::string_view AllAtOnce = "limit=1000";

bool is_fresh(const Worker& worker, const ModelCopy& copy) {
  const SystemTime now = worker.snapshot.server.clock.wall();
  // A time in the future means that the clock was set back: the list's age is unknown.
  return copy.at <= now && now - copy.at < KeptLists::Fresh;
}

/// A session that waits for another session's fetch. It is resumed in the reactor's next round and
/// not at once: the resumed session may end itself, and the fetching session may be ending together
/// with all others on its thread.
class Waiter final : public Reactor::Watched, public ListHook {
 public:
  Waiter(Reactor& reactor, WaitPoint& wait_point) : reactor_(reactor), wait_point_(wait_point) {}
  ~Waiter() { reactor_.forget(*this); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  void give() { reactor_.defer(*this, 0); }
  bool given() const { return given_; }
  void ready(std::uint32_t) override {
    given_ = true;
    wait_point_.wake();
  }

 private:
  Reactor& reactor_;
  WaitPoint& wait_point_;
  bool given_ = false;
};

Task<Result<SharedModels>> fetch(ClientConnection& client, std::size_t index,
                                 const Caller& caller) {
  Worker& worker = client.worker();
  const Provider& provider = worker.config.providers[index];
  const Door& door = provider.doors.front();
  const bool anthropic = door.dialect == Dialect::Anthropic;
  const OwnRequest list{
      .method = "GET", .endpoint = Endpoint::Models, .query = anthropic ? AllAtOnce : ""};
  const auto head = own_request_head(provider, door, caller, list);
  if (!head) co_return head.error();

  UpstreamRequest request;
  request.buffers.add(*head);
  UpstreamCall call(worker.pool(index, door.dialect), prompt_timeouts(provider),
                    client.wait_point(), worker.now);
  auto answer = co_await fetch_answer(call, request, ModelStore::BytesMax);
  if (!answer) co_return answer.error();
  if (answer->head->status() != 200) {
    co_return Error{ErrorKind::UpstreamRejected, "provider '" + provider.name +
                                                     "' answered its list of models with status " +
                                                     std::to_string(answer->head->status())};
  }
  // An answer that is no list of models must not replace a list.
  if (const auto is_list = model_list(answer->body, ModelFormat::Raw, {}); !is_list) {
    co_return is_list.error();
  }
  ModelCopy copy{std::move(answer->body), worker.snapshot.server.clock.wall()};
  co_return std::make_shared<const ModelCopy>(std::move(copy));
}

}  // namespace

/// One fetch of a list, by one session for all that want the list meanwhile.
struct KeptLists::Round {
  std::optional<Result<Listed>> outcome{};  ///< nothing at the end: its client left
  bool provider_asked = false;              ///< false: it has only looked on the disk
  List<Waiter> waiting{};
};

/// Marks its session as the one that fetches. Its destructor resumes all that wait.
class KeptLists::Leading {
 public:
  explicit Leading(Kept& kept) : kept_(kept) { kept.round = std::make_shared<Round>(); }
  ~Leading() {
    for (Waiter& waiter : kept_.round->waiting) waiter.give();
    kept_.round.reset();
  }
  Leading(const Leading&) = delete;
  Leading& operator=(const Leading&) = delete;

  void asks_provider() { kept_.round->provider_asked = true; }
  const Result<Listed>& ends(Result<Listed> outcome) {
    return kept_.round->outcome.emplace(std::move(outcome));
  }

 private:
  Kept& kept_;
};

std::optional<KeptLists::Listed> KeptLists::usable(const Worker& worker, const Kept& kept,
                                                   Ask ask) {
  if (!kept.copy || ask == Ask::Always) return std::nullopt;
  const bool fresh = is_fresh(worker, *kept.copy);
  if (!fresh && worker.now >= kept.asked_again) return std::nullopt;
  return Listed{kept.copy, !fresh};
}

Task<Result<KeptLists::Listed>> KeptLists::get(ClientConnection& client, std::size_t index,
                                               const Caller& caller, Ask ask) {
  Worker& worker = client.worker();
  WaitPoint& wait_point = client.wait_point();
  const Provider& provider = worker.config.providers[index];
  if (provider.auth == AuthMode::ClientKey) {
    const Target list{.provider = index, .dialect = provider.doors.front().dialect};
    if (!may_have(worker.config.providers, list, index, caller.own)) {
      co_return no_credential_for(provider, caller.own);
    }
    const auto copy = co_await fetch(client, index, caller);
    if (!copy) co_return copy.error();
    co_return Listed{*copy, false};
  }
  Kept& kept = kept_[index];
  for (;;) {
    if (const auto listed = usable(worker, kept, ask)) co_return *listed;
    if (!kept.round) {
      auto listed = co_await lead(client, index, caller, ask);
      co_return listed;
    }
    const std::shared_ptr<Round> round = kept.round;
    {
      Waiter waiter(worker.reactor, wait_point);
      round->waiting.push_back(waiter);
      // The fetching session has the deadlines for all.
      wait_point.clear_deadline();
      while (!waiter.given() && !wait_point.over()) co_await wait_point.wait();
    }
    if (wait_point.over()) co_return wait_error(wait_point, provider, "");
    // A client that asked for a refresh must not get a list that was only found on disk.
    const bool answers = ask == Ask::WhenOld || round->provider_asked;
    if (round->outcome && answers) co_return *round->outcome;
  }
}

Result<SharedText> KeptLists::text(std::size_t provider, const Listed& listed, ModelFormat format) {
  Kept& kept = kept_[provider];
  // Keep the text only of the kept list; a stale mark changes with time.
  const bool keeps = kept.copy == listed.copy && !listed.stale;
  SharedText& written = kept.written[static_cast<std::size_t>(format)];
  if (keeps && written) return written;
  auto list = model_list(listed.copy->body, format, {listed.stale, listed.copy->at});
  if (!list) return list.error();
  auto text = std::make_shared<const std::string>(std::move(*list));
  if (keeps) written = text;
  return SharedText(std::move(text));
}

bool KeptLists::has(std::size_t provider, const Listed& listed, std::string_view model) {
  Kept& kept = kept_[provider];
  if (kept.copy != listed.copy) {
    const std::vector<std::string> names = model_names(listed.copy->body);
    return std::ranges::find(names, model) != names.end();
  }
  if (kept.names.empty()) {
    kept.names = model_names(kept.copy->body);
    std::ranges::sort(kept.names);
  }
  return std::ranges::binary_search(kept.names, model);
}

Task<Result<KeptLists::Listed>> KeptLists::lead(ClientConnection& client, std::size_t index,
                                                const Caller& caller, Ask ask) {
  const Worker& worker = client.worker();
  const WaitPoint& wait_point = client.wait_point();
  const Provider& provider = worker.config.providers[index];
  Kept& kept = kept_[index];
  Leading leading(kept);
  const bool rests = worker.now < kept.asked_again;
  if (!rests && (!kept.copy || !is_fresh(worker, *kept.copy))) {
    // Another thread, or an earlier run of this proxy, may have written the list.
    SharedModels on_disk = co_await read(client, provider);
    if (wait_point.interrupted() != Interrupt::None) co_return wait_error(wait_point, provider, "");
    const bool newer = on_disk && (!kept.copy || kept.copy->at < on_disk->at);
    if (newer) kept.take(std::move(on_disk));
    if (const auto listed = usable(worker, kept, ask)) co_return leading.ends(*listed);
  }
  leading.asks_provider();
  const auto fetched = co_await fetch(client, index, caller);
  if (fetched) {
    kept.take(*fetched);
    kept.asked_again = {};
    write(provider, kept.copy);
    co_return leading.ends(Listed{kept.copy, false});
  }
  if (wait_point.interrupted() != Interrupt::None) co_return fetched.error();
  if (!kept.copy) co_return leading.ends(fetched.error());
  kept.asked_again = worker.now + RestAfterFailure;
  co_return leading.ends(Listed{kept.copy, true});
}

Task<SharedModels> KeptLists::read(ClientConnection& client, const Provider& provider) {
  /// A read on the disk's thread. The session may end before the answer comes, and the answer may
  /// come when the session no longer waits for it.
  struct Reading {
    WaitPoint* asked_by;
    bool done = false;
    SharedModels copy{};
  };
  if (!store_->keeps()) co_return nullptr;
  WaitPoint& wait_point = client.wait_point();
  const auto reading = std::make_shared<Reading>(Reading{.asked_by = &wait_point});
  DiskThread::Job job;
  job.work = [store = store_, owner = ModelStore::owner(provider), reading] {
    reading->copy = store->read(owner);
  };
  job.answer = [post = disk_.post, reading] {
    post([reading] {
      reading->done = true;
      if (reading->asked_by != nullptr) reading->asked_by->wake();
    });
  };
  if (!disk_.thread.start(std::move(job))) co_return nullptr;
  wait_point.set_deadline(client.worker().now + DiskWaitMax);
  while (!reading->done && !wait_point.over()) co_await wait_point.wait();
  reading->asked_by = nullptr;
  wait_point.clear_deadline();
  co_return reading->done ? reading->copy : nullptr;
}

void KeptLists::write(const Provider& provider, const SharedModels& copy) {
  if (!store_->keeps()) return;
  DiskThread::Job job;
  job.work = [store = store_, owner = ModelStore::owner(provider), copy] {
    store->write(owner, *copy);
  };
  if (disk_.thread.start(std::move(job))) return;
  log::warning("a provider's list of models is not kept",
               {{"provider", provider.name}, {"fault", "the disk does not keep up"}});
}

}  // namespace vdm::proxy
