#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include <vdm/metrics/v1/events.grpc.pb.h>

#include "metrics-service/events/events_server.h"
#include "tests/common/access/one_key.h"
#include "tests/grpc/metrics_rig.h"

namespace vdm::metrics {

inline constexpr char Instance[] = "instance-1";

inline FactsPtr facts(std::string id, std::string provider = "demo", std::string model = "chat",
                      std::string client = "") {
  RequestFacts made;
  made.request_id = std::move(id);
  made.provider = std::move(provider);
  made.resolved_model = std::move(model);
  made.requested_model = "asked";
  made.client_label = std::move(client);
  return std::make_shared<const RequestFacts>(std::move(made));
}

inline const SystemClock KeyClock;

/// The port with a key.
inline EventsOptions guarded_by(std::string_view key) {
  EventsOptions options;
  options.keys = std::make_shared<KeyCheck>(KeyCheckOptions{.keys = one_key(key)}, KeyClock);
  return options;
}

/// A metrics service with an events server on a real port, and one proxy that
/// reports what the test says.
class EventsRig : public ::testing::Test {
 protected:
  void serve(EventsOptions options = {}, TrackerOptions tracker_options = {.epoch = "e1"}) {
    rig_ = std::make_unique<MetricsRig>(log_, IngestOptions{.address = "127.0.0.1:0"},
                                        std::move(tracker_options));
    serve_events(std::move(options));
    rig_->on_owner([this] {
      rig_->pipeline.hello({.instance_id = Instance, .proxy_name = "proxy-1", .version = "1"});
    });
  }
  /// Another server for the same rig, when the first is gone.
  void serve_events(EventsOptions options) {
    if (options.address == EventsOptions().address) options.address = "127.0.0.1:0";
    server_ = *EventsServer::start(rig_->executor(), rig_->pipeline, rig_->clock, options);
    stub_ = v1::Events::NewStub(grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  }
  ~EventsRig() override { server_.reset(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }

  void report(std::vector<Event> events) {
    rig_->on_owner([&] {
      rig_->pipeline.report(Instance, next_seq_, events, nullptr);
      next_seq_ += events.size();
    });
  }
  void start(const std::string& id) { report({Started{facts(id)}}); }
  void end(const std::string& id) {
    report({Ended{.facts = facts(id), .outcome = Outcome::Ok, .http_status = 200}});
  }

  void degrade() {
    rig_->on_owner([this] {
      log_.degrade();
      rig_->pipeline.tick();
    });
  }

  HoldingLog log_;
  std::unique_ptr<MetricsRig> rig_;
  std::unique_ptr<EventsServer> server_;
  std::unique_ptr<v1::Events::Stub> stub_;
  std::uint64_t next_seq_ = 1;
};

}  // namespace vdm::metrics
