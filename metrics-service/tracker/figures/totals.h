#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "metrics-service/tracker/figures/histogram.h"
#include "metrics-service/tracker/figures/outcome.h"

namespace vdm::metrics {

/// Sums over requests that are over. The code that shows them computes averages from sums and
/// counts. Plain data.
struct Counters {
  std::uint64_t requests = 0;  ///< ended with any outcome; lost requests are not among them
  std::uint64_t errors = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t lost = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::uint64_t cache_read_tokens = 0;
  std::uint64_t cache_creation_tokens = 0;
  std::uint64_t reasoning_tokens = 0;
  std::uint64_t tool_uses = 0;
  std::uint64_t tool_results = 0;
  std::uint64_t tool_calls = 0;
  std::uint64_t model_mismatches = 0;  ///< answered by another model than the one asked
  Micros duration_sum{0};
  std::uint64_t duration_count = 0;

  void add(const Counters& other);
  friend bool operator==(const Counters&, const Counters&) = default;

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.requests);
    archive(2, self.errors);
    archive(3, self.cancelled);
    archive(4, self.lost);
    archive(5, self.input_tokens);
    archive(6, self.output_tokens);
    archive(7, self.cache_read_tokens);
    archive(8, self.cache_creation_tokens);
    archive(9, self.reasoning_tokens);
    archive(10, self.tool_uses);
    archive(11, self.tool_results);
    archive(12, self.tool_calls);
    archive(13, self.model_mismatches);
    archive(14, self.duration_sum);
    archive(15, self.duration_count);
  }
};

/// The sums of all requests, and of streaming and other ones: total = streaming + non_streaming.
struct Split {
  Counters total;
  Counters streaming;
  Counters non_streaming;

  void add(const Split& other);
  friend bool operator==(const Split&, const Split&) = default;

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.total);
    archive(2, self.streaming);
    archive(3, self.non_streaming);
  }
};

/// The figures of one model at one provider, of a provider, or of all.
struct Bucket {
  Split counters;
  std::uint32_t active = 0;
  Histogram duration;
  Histogram ttft;
  WallTime last_accessed{};      ///< the last start; the epoch: never
  std::uint64_t changed_at = 0;  ///< revision of the tracker

  void merge(const Bucket& other);

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.counters);
    archive(2, self.active);
    archive(3, self.duration);
    archive(4, self.ttft);
    archive(5, self.last_accessed);
    archive(6, self.changed_at);
  }
};

/// Running totals by provider and model. Bounded: beyond `models_max` distinct pairs, requests for
/// a new pair count under the model "other". Thread: owner only.
class Totals {
 public:
  using Models = std::map<std::string, Bucket, std::less<>>;
  struct Provider {
    Bucket rollup;
    Models models;

    template <class Self, class Archive>
    static void list_fields(Self& self, Archive& archive) {
      archive(1, self.rollup);
      archive(2, self.models);
    }
  };
  using Providers = std::map<std::string, Provider, std::less<>>;

  explicit Totals(std::size_t models_max) : models_max_(models_max) {}

  void started(const RequestFacts& facts, std::uint64_t revision);
  /// `started_as` are the facts with which started() was called: the end may name another model or
  /// provider.
  void ended(const Ended& ended, const RequestFacts& started_as, std::uint64_t revision);
  void lost(const RequestFacts& facts, std::uint64_t revision);
  /// Takes a loss back, after a late end or because the proxy still lists the request: it is active
  /// again.
  void found(const RequestFacts& facts, std::uint64_t revision);

  /// The names under which the totals count a request with these facts.
  struct Names {
    std::string_view provider;
    std::string_view model;
  };
  Names names_of(const RequestFacts& facts) const;

  const Bucket& summary() const { return summary_; }
  const Providers& providers() const { return providers_; }
  /// Counts by error type, or by outcome where there is no type; at most 64, and "other".
  const std::map<std::string, std::uint64_t, std::less<>>& error_counts() const {
    return error_counts_;
  }
  const Histogram& overhead() const { return overhead_; }
  std::uint64_t capped() const { return capped_; }
  /// Marks every sum as changed.
  void touch(std::uint64_t revision);

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.models_);
    archive(2, self.capped_);
    archive(3, self.summary_);
    archive(4, self.providers_);
    archive(5, self.error_counts_);
    archive(6, self.overhead_);
  }

 private:
  struct Buckets {
    Provider* provider;
    Bucket* model;
  };
  Buckets buckets_of(const RequestFacts& facts);
  template <class Change>
  void change(const RequestFacts& facts, std::uint64_t revision, Change&& how);

  std::size_t models_max_;
  std::size_t models_ = 0;
  std::uint64_t capped_ = 0;
  Bucket summary_;
  Providers providers_;
  std::map<std::string, std::uint64_t, std::less<>> error_counts_;
  Histogram overhead_;
};

/// The names under which a request is counted and shown: every view uses the same name for a model.
std::string_view provider_of(const RequestFacts& facts);
/// Whether the requested model names this provider in front of a colon, like "openai:gpt-4o" at
/// openai. Another name in front of a colon belongs to the model.
bool names_its_provider(const RequestFacts& facts);
/// The requested model without the provider's name and colon in front, if they are there.
std::string_view requested_without_provider(const RequestFacts& facts);
/// The resolved model, else the requested one without its provider, else "unknown".
std::string_view model_of(const RequestFacts& facts);

}  // namespace vdm::metrics
