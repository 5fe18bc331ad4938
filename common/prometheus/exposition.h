#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

namespace vdm {

/// Prometheus text, format 0.0.4: collects families of samples in the order in which they are
/// written. Pure. Thread: its owner's.
class Exposition {
 public:
  static constexpr std::string_view ContentType = "text/plain; version=0.0.4; charset=utf-8";

  enum class Kind : std::uint8_t { Counter, Gauge, Histogram };
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Starts a family, to which all samples added next belong.
  void family(std::string_view name, Kind kind, std::string_view help);
  void sample(Labels labels, double value);
  void sample(Labels labels, std::uint64_t value) { sample(labels, static_cast<double>(value)); }

  struct Bucket {
    double edge = 0;
    std::uint64_t below = 0;  ///< how many values are below the edge
  };
  void histogram(Labels labels, std::uint64_t count, double sum, std::span<const Bucket> buckets);

  std::string text() const;

 private:
  prometheus::ClientMetric& add(Labels labels);

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace vdm
