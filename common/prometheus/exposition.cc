#include "common/prometheus/exposition.h"

#include <prometheus/text_serializer.h>

namespace vdm {
namespace {

prometheus::MetricType type_of(Exposition::Kind kind) {
  switch (kind) {
    case Exposition::Kind::Counter:
      return prometheus::MetricType::Counter;
    case Exposition::Kind::Gauge:
      return prometheus::MetricType::Gauge;
    case Exposition::Kind::Histogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

}  // namespace

void Exposition::family(std::string_view name, Kind kind, std::string_view help) {
  families_.push_back({std::string(name), std::string(help), type_of(kind), {}});
}

void Exposition::sample(Labels labels, double value) {
  prometheus::ClientMetric& metric = add(labels);
  metric.counter.value = value;  // the serializer writes the field that the family's type names
  metric.gauge.value = value;
}

void Exposition::histogram(Labels labels, std::uint64_t count, double sum,
                           std::span<const Bucket> buckets) {
  prometheus::ClientMetric::Histogram& histogram = add(labels).histogram;
  histogram.sample_count = count;
  histogram.sample_sum = sum;
  for (const Bucket& bucket : buckets) histogram.bucket.push_back({bucket.below, bucket.edge});
}

std::string Exposition::text() const { return prometheus::TextSerializer().Serialize(families_); }

prometheus::ClientMetric& Exposition::add(Labels labels) {
  prometheus::ClientMetric& metric = families_.back().metric.emplace_back();
  for (const auto& [name, value] : labels) {
    metric.label.push_back({std::string(name), std::string(value)});
  }
  return metric;
}

}  // namespace vdm
