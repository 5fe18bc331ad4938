#include "metrics-service/tracker/active_requests.h"

#include <algorithm>
#include <utility>

namespace vdm::metrics {
namespace {

/// A total order, so that the order of rows does not depend on how they were found.
bool started_later(const ActiveRequest* a, const ActiveRequest* b) {
  if (a->facts->started_at != b->facts->started_at) {
    return a->facts->started_at > b->facts->started_at;
  }
  return a->facts->request_id > b->facts->request_id;
}

}  // namespace

ActiveRequest& ActiveRequests::add(const FactsPtr& facts, Instance& instance,
                                   std::uint64_t revision) {
  auto made = std::make_unique<ActiveRequest>();
  made->facts = facts;
  made->instance = &instance;
  ActiveRequest& request = *made;
  by_id_.emplace(request.facts->request_id, std::move(made));
  instance.requests.push_back(request);
  changed(request, revision);
  return request;
}

ActiveRequest* ActiveRequests::find(std::string_view id) {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second.get();
}

const ActiveRequest* ActiveRequests::find(std::string_view id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second.get();
}

std::unique_ptr<ActiveRequest> ActiveRequests::take(std::string_view id) {
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return nullptr;
  std::unique_ptr<ActiveRequest> request = std::move(at->second);
  by_id_.erase(at);
  request->by_change.unlink();
  request->by_silence.unlink();
  request->by_instance.unlink();
  return request;
}

void ActiveRequests::changed(ActiveRequest& request, std::uint64_t revision) {
  request.changed_at = revision;
  request.by_change.unlink();
  changes_.push_back(request);
}

void ActiveRequests::makes_tokens(ActiveRequest& request) {
  request.by_silence.unlink();
  silent_.push_back(request);
}

std::vector<const ActiveRequest*> ActiveRequests::changed_after(std::uint64_t revision) const {
  std::vector<const ActiveRequest*> found;
  if (revision == 0) found.reserve(by_id_.size());
  for (auto at = changes_.rbegin(); at != changes_.rend(); ++at) {
    ++visited_;
    if (at->changed_at <= revision) break;
    found.push_back(&*at);
  }
  std::ranges::sort(found, started_later);
  return found;
}

const ActiveRequest* ActiveRequests::oldest() const {
  const ActiveRequest* oldest = nullptr;
  for (const ActiveRequest& request : changes_) {
    ++visited_;
    if (!oldest || started_later(oldest, &request)) oldest = &request;
  }
  return oldest;
}

}  // namespace vdm::metrics
