#pragma once

#include <cstdint>
#include <optional>

#include <boost/intrusive/list.hpp>

#include "common/base/clock.h"
#include "metrics-service/tracker/figures/token_rate.h"
#include "proto/contract/event.h"

namespace vdm::metrics {

struct Instance;

/// A running request, as Requests keeps it. It is linked into the lists of ActiveRequests; its
/// destructor unlinks it. Thread: owner only.
struct ActiveRequest {
  using Link = boost::intrusive::list_member_hook<
      boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

  FactsPtr facts;
  Instance* instance = nullptr;
  std::uint64_t known_since = 0;
  std::uint64_t changed_at = 0;  ///< only ActiveRequests alters it
  MonotonicTime first_seen{};
  Micros age_then{0};  ///< its duration when the tracker first heard of it
  std::optional<Progressed> progress;
  MonotonicTime progressed_at{};
  TokenRate rate;
  std::uint64_t input_in_series = 0;
  std::uint64_t output_in_series = 0;

  /// All but its instance.
  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.facts);
    archive(2, self.known_since);
    archive(3, self.changed_at);
    archive(4, self.first_seen);
    archive(5, self.age_then);
    archive(6, self.progress);
    archive(7, self.progressed_at);
    archive(8, self.rate);
    archive(9, self.input_in_series);
    archive(10, self.output_in_series);
  }

  Link by_change;
  Link by_silence;
  Link by_instance;
};

/// The requests of one instance, in the order in which they were opened.
using RequestsOfInstance = boost::intrusive::list<
    ActiveRequest,
    boost::intrusive::member_hook<ActiveRequest, ActiveRequest::Link, &ActiveRequest::by_instance>,
    boost::intrusive::constant_time_size<false>>;

}  // namespace vdm::metrics
