#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/json_writer.h"
#include "common/http/router.h"
#include "metrics-service/serve/access/access.h"
#include "metrics-service/serve/live/live.h"
#include "metrics-service/serve/static_files.h"
#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

struct ApiOptions {
  bool metrics_enabled = true;  ///< LOG_REQUEST_METRICS
  bool feeds_enabled = true;    ///< VDM_ACTIVE_REQUESTS_SSE_ENABLED
  bool cancel_allowed = false;
};

/// Actions that other rooms do for the API.
struct ApiActions {
  /// Sends the command to the proxy. Returns false when the proxy is not connected.
  std::function<bool(const std::string& instance_id, const std::string& request_id)> cancel;
  std::function<std::size_t()> grpc_subscribers;
  std::function<bool()> starting;  ///< whether a port of this service is not listening yet
  std::function<bool()> draining;
};

/// The handlers of the REST endpoints, the live feeds and the dashboard's files, and the table of
/// routes. Thread: owner only.
class Api {
 public:
  Api(const Tracker& tracker, Live& live, Access& access, const StaticFiles& files,
      const Clock& clock, ApiOptions options, ApiActions actions);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  http::Router routes();

 private:
  using Request = http::Request;
  using Reply = http::ReplyWriter;
  using Done = http::Awaitable<void>;

  Done active(const Request& request, Reply& reply);
  Done cancel(const Request& request, Reply& reply);
  Done running_totals(const Request& request, Reply& reply);
  Done logs(const Request& request, Reply& reply);
  Done snapshot(const Request& request, Reply& reply);
  Done prometheus(const Request& request, Reply& reply);
  Done compatible_feed(const Request& request, Reply& reply);
  Done multiplexed_feed(const Request& request, Reply& reply);
  Done feed(FeedKind kind, const Request& request, Reply& reply);
  Done health(const Request& request, Reply& reply);
  Done ready(const Request& request, Reply& reply);
  Done session(const Request& request, Reply& reply);
  Done login(const Request& request, Reply& reply);
  Done logout(const Request& request, Reply& reply);
  Done to_dashboard(const Request& request, Reply& reply);
  Done dashboard(const Request& request, Reply& reply);
  Done icon(const Request& request, Reply& reply);

  void add_degraded(JsonWriter& body) const;
  /// Adds a route whose rule the table of permissions has, else it does not compile.
  using Rule = RuleOf<Port::Metrics>;
  using Method = Done (Api::*)(const Request&, Reply&);
  void get(http::Router& router, Rule rule, Method method);
  void post(http::Router& router, Rule rule, Method method);
  bool may_cancel(const Request& request) const;
  http::Handler handler(Done (Api::*method)(const Request&, Reply&));
  ClockPair now() const;

  const Tracker& tracker_;
  Live& live_;
  Access& access_;
  const StaticFiles& files_;
  const Clock& clock_;
  ApiOptions options_;
  ApiActions actions_;
};

}  // namespace vdm::metrics
