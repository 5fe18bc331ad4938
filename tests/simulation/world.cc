#include "tests/simulation/world.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vdm::simulation {
namespace {

using std::chrono::milliseconds;

}  // namespace

std::shared_ptr<RingFile> RingFiles::take() {
  for (const auto& file : files_) {
    if (file.use_count() > 1) continue;
    file->clear();
    return file;
  }
  return files_.emplace_back(std::make_shared<RingFile>());
}

World::World(const Sizes& sizes, RingFiles& files) : sizes_(sizes), files_(files) {
  start_service();
  add_proxy();
}

void World::add_proxy() {
  if (proxies_.size() == ProxiesMax) return;
  proxies_.push_back(
      std::make_unique<Proxy>(proxies_.size(), files_.take(), books_, clock_, sizes_));
}

void World::start_service() {
  if (service_) return;
  service_ = std::make_unique<Service>(disk_, books_, clock_, sizes_, sessions_opened_);
}

void World::kill_service() { service_.reset(); }

void World::pass(milliseconds time) {
  clock_.advance(time);
  if (service_) service_->tick();
}

void World::take(const Step& step) {
  switch (step.what) {
    case Do::Start:
      return proxy(step.a).start(1 + step.b % 4);
    case Do::Progress:
      return proxy(step.a).progress(step.b);
    case Do::End:
      return proxy(step.a).end(1 + step.b % 3, step.b);
    case Do::Report:
      proxy(step.a).look();
      for (auto n = step.b % 4; n > 0 && proxy(step.a).write_next(); --n) {
      }
      return;
    case Do::Heartbeat:
      return proxy(step.a).heartbeat_due();
    case Do::List:
      return proxy(step.a).list_due();
    case Do::Connect:
      if (!service_) return;
      if (auto stream = proxy(step.a).connect()) streams_.push_back(std::move(stream));
      return;
    case Do::Break:
    case Do::Close:
    case Do::ToService:
    case Do::ToProxy:
      return step_stream(step);
    case Do::KillProxy:
      return proxy(step.a).kill();
    case Do::NewProxy:
      return add_proxy();
    case Do::Adopt:
      return proxy(step.a).adopt();
    case Do::Commit:
      if (service_) service_->history().commit(1 + step.b % 8);
      return;
    case Do::Told:
      if (service_) service_->history().hear(1 + step.b % 8);
      return;
    case Do::Checkpoint:
      if (service_) service_->keep_checkpoint();
      return;
    case Do::KillService:
      return kill_service();
    case Do::StartService:
      return start_service();
    case Do::Pass: {
      constexpr std::array<int, 8> Times{1, 10, 250, 250, 1000, 1000, 2000, 6000};
      return pass(milliseconds(Times[step.b % Times.size()]));
    }
    case Do::Quiet:
      return settle();
  }
}

void World::step_stream(const Step& step) {
  std::erase_if(streams_,
                [](const auto& each) { return !each->open_at_proxy && !each->open_at_service; });
  if (streams_.empty()) return;
  const std::shared_ptr<Stream> stream = streams_[step.a % streams_.size()];
  const auto of =
      std::ranges::find_if(proxies_, [&](const auto& each) { return each->stream() == stream; });
  if (step.what == Do::Break && of != proxies_.end()) (*of)->closed(StreamEnd::Unavailable);
  if (step.what == Do::Close && service_) service_->close(stream);
  for (auto n = 1 + step.b % 4; n > 0; --n) {
    if (step.what == Do::ToService && service_) service_->receive(stream);
    if (step.what == Do::ToProxy && of != proxies_.end()) (*of)->receive();
  }
}

// --- to the end ------------------------------------------------------------------

void World::settle() {
  // A service asks for a list again after two seconds, and a proxy that is silent is gone in five.
  constexpr int Most = 200;
  constexpr int Least = 8;
  constexpr auto Round = milliseconds(500);
  start_service();
  int quiet = 0;
  for (int round = 0; quiet < Least && books_.fault().empty(); ++round) {
    if (round == Most) return books_.fail("it never comes to rest");
    settle_once();
    quiet = is_quiet() ? quiet + 1 : 0;
    pass(Round);
    if (round % 2 == 0) {
      for (const auto& proxy : proxies_) proxy->heartbeat_due();
    }
  }
  if (books_.fault().empty()) count();
}

void World::settle_once() {
  for (const auto& proxy : proxies_) {
    if (!proxy->runs()) proxy->adopt();
    proxy->look();
    if (auto stream = proxy->connect()) streams_.push_back(std::move(stream));
  }
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto& proxy : proxies_) {
      while (proxy->write_next()) moved = true;
    }
    const auto streams = streams_;
    for (const auto& stream : streams) {
      while (stream->open_at_service && !stream->to_service.empty()) service_->receive(stream);
      if (!stream->open_at_proxy && stream->open_at_service) service_->close(stream);
    }
    while (!service_->history().is_quiet()) {
      service_->history().commit(100);
      service_->history().hear(100);
    }
    for (const auto& proxy : proxies_) {
      while (proxy->stream() && (!proxy->stream()->to_proxy.empty() || proxy->stream()->end)) {
        proxy->receive();
        moved = true;
      }
    }
  }
  std::erase_if(streams_,
                [](const auto& each) { return !each->open_at_proxy && !each->open_at_service; });
}

bool World::is_quiet() const {
  return std::ranges::all_of(proxies_, [](const auto& proxy) { return proxy->is_quiet(); });
}

void World::count() {
  service_->check();
  std::map<std::string, metrics::ProxyView> views;
  for (metrics::ProxyView& view : service_->tracker().proxies()) {
    std::string id = view.instance_id;
    views.emplace(std::move(id), std::move(view));
  }
  for (const auto& proxy : proxies_) {
    const auto found = views.find(proxy->instance());
    count(*proxy, found == views.end() ? nullptr : &found->second);
  }
  if (sizes_.large_facts) return;  // a start may have found no room
  metrics::Counts must;
  for (const auto& [id, process] : books_.processes()) {
    must.ended += process.ended.size();
    must.lost += process.left.size();
    must.active += process.running.size();
  }
  must.started = must.ended + must.lost + must.active;
  const metrics::Counts is = service_->tracker().counts();
  if (is == must) return;
  const auto text = [](const metrics::Counts& of) {
    return std::to_string(of.started) + " started, " + std::to_string(of.ended) + " ended, " +
           std::to_string(of.lost) + " lost, " + std::to_string(of.active) + " active";
  };
  books_.fail("in total " + text(is) + ", and must be " + text(must));
}

void World::count(const Proxy& proxy, const metrics::ProxyView* view) {
  const std::string& id = proxy.instance();
  const Books::Truth& truth = books_.process(id);
  std::multiset<std::string> stored;
  std::uint64_t declared = 0;
  for (const metrics::LiveEventPtr& row : disk_.rows) {
    if (*row->instance_id != id) continue;
    if (const auto* ended = std::get_if<Ended>(&row->kind)) stored.insert(ended->facts->request_id);
    if (const auto* gap = std::get_if<Gap>(&row->kind)) declared += gap->ended_count;
  }
  const auto say = [&](const std::string& what, std::uint64_t is, std::uint64_t must) {
    if (is == must) return;
    books_.fail(id + ": " + what + ": " + std::to_string(is) + ", and must be " +
                std::to_string(must));
  };
  for (const std::string& each : stored) {
    if (stored.count(each) > 1) books_.fail("the end of " + each + " is stored twice");
    if (!truth.ended.contains(each)) books_.fail(each + " is stored, and has not ended");
  }
  const std::uint64_t accounted = stored.size() + declared;
  if (accounted > truth.ended.size() || accounted + truth.untold_drops < truth.ended.size()) {
    say("ends stored or declared", accounted, truth.ended.size());
  }
  for (const std::string& each : truth.running) {
    if (service_->tracker().is_active(each)) continue;
    if (!sizes_.large_facts) books_.fail(each + " runs, and is not shown");
  }
  if (!view) return;  // it is known from history alone, and not shown
  say("undeclared gaps", view->undeclared_gaps, 0);
  say("ended, by the tracker", view->ended, stored.size());
  if (view->gap_ended > declared) say("ends in gaps", view->gap_ended, declared);
  if (view->active > truth.running.size()) say("active", view->active, truth.running.size());
  if (sizes_.large_facts) return;  // a start may have found no room
  say("active", view->active, truth.running.size());
  say("lost", view->lost, truth.left.size());
}

std::string run(const Schedule& schedule, RingFiles& files, std::size_t& steps_done) {
  World world(schedule.sizes, files);
  steps_done = 0;
  for (const Step& step : schedule.steps) {
    ++steps_done;
    world.take(step);
    if (!world.fault().empty()) return world.fault();
  }
  world.settle();
  return world.fault();
}

}  // namespace vdm::simulation
