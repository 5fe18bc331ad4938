#include "tests/simulation/books.h"

#include <algorithm>

namespace vdm::simulation {
namespace {

std::string sign_of(const Event& event) {
  if (const auto* start = std::get_if<Started>(&event)) return "+" + start->facts->request_id;
  if (const auto* step = std::get_if<Progressed>(&event)) return "~" + step->request_id;
  if (const auto* end = std::get_if<Ended>(&event)) return "-" + end->facts->request_id;
  return "gap";
}

}  // namespace

void Books::numbered(std::string_view instance, std::uint64_t first,
                     const std::vector<Event>& events) {
  Truth& process = this->process(instance);
  std::uint64_t seq = first;
  for (const Event& event : events) {
    std::string sign = sign_of(event);
    const auto* gap = std::get_if<Gap>(&event);
    if (gap || sign.front() == '-') process.ends.insert(seq);
    std::string& known = process.numbered[seq];
    const bool is_same = known.empty() || known == sign || known == "gap" || sign == "gap";
    if (!is_same) {
      fail("number " + std::to_string(seq) + " of " + std::string(instance) + " was " + known +
           ", and is " + sign);
    }
    known = std::move(sign);
    seq = gap ? std::max(gap->to_seq, seq) + 1 : seq + 1;
  }
}

void Books::told(const metrics::EntryPlace& place, std::uint64_t revision) {
  if (place.position <= position_before_ || place.position < position_) {
    fail("position " + std::to_string(place.position) + " was given before");
  }
  if (revision < revision_) fail("revision " + std::to_string(revision) + " goes back");
  position_ = place.position;
  revision_ = revision;
}

}  // namespace vdm::simulation
