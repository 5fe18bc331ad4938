#include "metrics-service/serve/api.h"

#include <utility>

#include <boost/json.hpp>

#include "common/base/env.h"
#include "common/base/sse.h"
#include "common/base/version.h"
#include "common/base/yaml_writer.h"
#include "metrics-service/serve/access/cors_reply.h"
#include "metrics-service/serve/report/disabled.h"
#include "metrics-service/serve/report/logs.h"
#include "metrics-service/serve/report/prometheus.h"
#include "metrics-service/serve/report/rows_json.h"
#include "metrics-service/serve/report/totals_report.h"

namespace vdm::metrics {
namespace {

const http::Header NoCache{"Cache-Control", "no-cache"};

http::Reply whole(std::string content_type, std::string body) {
  http::Reply reply;
  reply.head.content_type = std::move(content_type);
  reply.head.headers.push_back(NoCache);
  reply.body = std::move(body);
  return reply;
}

http::Reply json_reply(std::string body) { return whole("application/json", std::move(body)); }

std::string text_of(const http::Request& request, std::string_view parameter) {
  const std::string* value = request.parameter(parameter);
  return value ? *value : std::string();
}

bool wants_yaml(const http::Request& request) {
  const std::string format = text_of(request, "format");
  if (!format.empty()) return format == "yaml";
  const std::string* accept = request.header("accept");
  return accept && (accept->find("text/yaml") != std::string::npos ||
                    accept->find("application/yaml") != std::string::npos);
}

/// The text of a string member; nothing when it is absent or not a string.
std::optional<std::string> string_member(const std::string& body, std::string_view name) {
  boost::system::error_code fault;
  const boost::json::value parsed = boost::json::parse(body, fault);
  if (fault || !parsed.is_object()) return std::nullopt;
  const auto* value = parsed.get_object().if_contains(name);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::string disabled_yaml(const Disabled& disabled) {
  return YamlWriter()
      .member("disabled", true)
      .member("message", disabled.message)
      .member("suggestion", disabled.suggestion)
      .member("_metrics_enabled", false)
      .take();
}

}  // namespace

Api::Api(const Tracker& tracker, Live& live, Access& access, const StaticFiles& files,
         const Clock& clock, ApiOptions options, ApiActions actions)
    : tracker_(tracker),
      live_(live),
      access_(access),
      files_(files),
      clock_(clock),
      options_(options),
      actions_(std::move(actions)) {}

http::Handler Api::handler(Done (Api::*method)(const Request&, Reply&)) {
  return [this, method](const Request& request, Reply& reply) -> Done {
    std::string origin = access_.cors_origin(request);
    if (origin.empty()) {
      co_await (this->*method)(request, reply);
      co_return;
    }
    CorsReply named(reply, std::move(origin));
    co_await (this->*method)(request, named);
  };
}

void Api::get(http::Router& router, Rule rule, Method method) {
  router.get(rule.row->rule, handler(method));
}

void Api::post(http::Router& router, Rule rule, Method method) {
  router.post(rule.row->rule, handler(method));
}

http::Router Api::routes() {
  http::Router router;
  get(router, "/health", &Api::health);
  get(router, "/health/ready", &Api::ready);
  get(router, "/metrics", &Api::prometheus);
  get(router, "/metrics/active-requests", &Api::active);
  get(router, "/metrics/active-requests/stream", &Api::compatible_feed);
  post(router, "/metrics/active-requests/{id}/cancel", &Api::cancel);
  get(router, "/metrics/running-totals", &Api::running_totals);
  get(router, "/metrics/logs", &Api::logs);
  get(router, "/metrics/snapshot", &Api::snapshot);
  get(router, "/metrics/stream", &Api::multiplexed_feed);
  get(router, "/session", &Api::session);
  post(router, "/login", &Api::login);
  post(router, "/logout", &Api::logout);
  get(router, "/", &Api::to_dashboard);
  get(router, "/dashboard", &Api::to_dashboard);
  get(router, "/dashboard/*", &Api::dashboard);
  get(router, "/favicon.ico", &Api::icon);
  return router;
}

ClockPair Api::now() const {
  return ClockPair{clock_.monotonic(), std::chrono::floor<Micros>(clock_.wall())};
}

Api::Done Api::active(const Request& request, Reply& reply) {
  View view = snapshot_of(tracker_, now());
  if (const auto own = access_.caller_of(request).own_label()) {
    std::erase_if(view.active, [&own](const ActiveView& row) {
      return !row.facts || row.facts->client_label != *own;
    });
  }
  std::string body = options_.metrics_enabled
                         ? active_rows(view, std::nullopt)
                         : disabled_data(metrics_disabled(), ",\"active_requests\":[]");
  co_await reply.send(json_reply(std::move(body)));
}

Api::Done Api::cancel(const Request& request, Reply& reply) {
  const std::string id(request.segment("id"));
  if (!options_.cancel_allowed) {
    access_.note(request, "cancel", id, "cancelling is off");
    co_await reply.refuse(403, "permission_error",
                          "cancelling is not allowed; set VDM_ALLOW_CANCEL=true to allow it");
    co_return;
  }
  const auto row = tracker_.find_active(id, now());
  if (!row) {
    access_.note(request, "cancel", id, "does not run");
    co_await reply.refuse(404, "not_found_error", "no request with this id runs");
    co_return;
  }
  if (!actions_.cancel || !actions_.cancel(row->instance_id, id)) {
    access_.note(request, "cancel", id, "its proxy is not connected");
    co_await reply.refuse(503, "overloaded_error", "its proxy is not connected; try again");
    co_return;
  }
  access_.note(request, "cancel", id, "done");
  JsonWriter body;
  body.begin_object().member("request_id", id).member("status", "cancelling").end_object();
  co_await reply.json(202, body.take());
}

Api::Done Api::running_totals(const Request& request, Reply& reply) {
  const std::string format = text_of(request, "format");
  if (!format.empty() && format != "json" && format != "yaml") {
    co_await reply.send(unprocessable("format", "expected json or yaml", format));
    co_return;
  }
  const std::string with_active = text_of(request, "include_active");
  const auto parsed = parse_bool("include_active", with_active.empty() ? "true" : with_active);
  if (!parsed) {
    co_await reply.send(unprocessable("include_active", "expected a boolean", with_active));
    co_return;
  }
  const bool yaml = wants_yaml(request);
  if (!options_.metrics_enabled) {
    const Disabled disabled = metrics_disabled();
    http::Reply answer = yaml ? whole("text/yaml; charset=utf-8", disabled_yaml(disabled))
                              : json_reply(disabled_data(disabled));
    co_await reply.send(std::move(answer));
    co_return;
  }
  const TotalsQuery query{.provider = text_of(request, "provider"),
                          .model = text_of(request, "model"),
                          .with_active = *parsed};
  const TotalsReport report = totals_report(tracker_, query, now());
  if (!yaml) {
    co_await reply.send(json_reply(as_json(report)));
    co_return;
  }
  http::Reply answer = whole("text/yaml; charset=utf-8", as_yaml(report));
  answer.head.headers.push_back(
      {"Content-Disposition",
       "inline; filename=running-totals-" + file_stamp(report.generated) + ".yaml"});
  co_await reply.send(std::move(answer));
}

Api::Done Api::logs(const Request& request, Reply& reply) {
  const auto query = parse_logs_query(request);
  if (const auto* refusal = std::get_if<http::Reply>(&query)) {
    http::Reply answer = *refusal;
    co_await reply.send(std::move(answer));
    co_return;
  }
  LogsQuery asked = std::get<LogsQuery>(query);
  asked.client_label = access_.caller_of(request).own_label();
  std::string body = options_.metrics_enabled ? logs_json(tracker_, asked) : no_logs_json();
  co_await reply.send(json_reply(std::move(body)));
}

Api::Done Api::snapshot(const Request&, Reply& reply) {
  std::string body = options_.metrics_enabled
                         ? multiplexed_snapshot(snapshot_of(tracker_, now()), tracker_.epoch(),
                                                live_.options().settings)
                         : disabled_data(metrics_disabled());
  co_await reply.send(json_reply(std::move(body)));
}

Api::Done Api::prometheus(const Request&, Reply& reply) {
  ProcessFigures figures;
  figures.version = Version;
  figures.commit = Commit;
  figures.live_readers = live_.readers();
  figures.subscribers = actions_.grpc_subscribers ? actions_.grpc_subscribers() : 0;
  std::string text = prometheus_text(tracker_, figures, now());
  co_await reply.send(whole("text/plain; version=0.0.4; charset=utf-8", std::move(text)));
}

Api::Done Api::compatible_feed(const Request& request, Reply& reply) {
  const std::string mode = text_of(request, "mode");
  if (!mode.empty() && mode != "delta" && mode != "update") {
    co_await reply.send(unprocessable("mode", "expected delta or update", mode));
    co_return;
  }
  co_await feed(mode == "delta" ? FeedKind::Deltas : FeedKind::Updates, request, reply);
}

Api::Done Api::multiplexed_feed(const Request& request, Reply& reply) {
  co_await feed(FeedKind::Multiplexed, request, reply);
}

Api::Done Api::feed(FeedKind kind, const Request& request, Reply& reply) {
  if (options_.metrics_enabled && options_.feeds_enabled) {
    co_await live_.serve(kind, request, reply);
    co_return;
  }
  const Disabled disabled = options_.metrics_enabled ? feeds_disabled() : metrics_disabled();
  const std::string event = sse_event("disabled", disabled_data(disabled));
  if (const auto begun = co_await reply.begin_events(http::StreamKind::Finite); !begun) co_return;
  if (const auto written = co_await reply.write(event); !written) co_return;
  co_await reply.end();
}

void Api::add_degraded(JsonWriter& body) const {
  body.key("degraded").begin_array();
  for (const std::string& reason : tracker_.degraded()) body.value(reason);
  body.end_array();
}

Api::Done Api::health(const Request& request, Reply& reply) {
  JsonWriter body;
  body.begin_object().member("status", "ok").member("service", "vdm-metrics");
  if (access_.tells_all(request)) {
    body.member("version", Version).member("commit", Commit);
    add_degraded(body);
  }
  body.end_object();
  co_await reply.json(200, body.take());
}

Api::Done Api::ready(const Request& request, Reply& reply) {
  const bool draining = actions_.draining && actions_.draining();
  const bool starting = actions_.starting && actions_.starting();
  JsonWriter body;
  body.begin_object().member("status", draining                      ? "draining"
                                       : starting                    ? "starting"
                                       : tracker_.restoring()        ? "restoring"
                                       : tracker_.degraded().empty() ? "ready"
                                                                     : "degraded");
  if (access_.tells_all(request)) add_degraded(body);
  body.end_object();
  co_await reply.json(draining || starting ? 503 : 200, body.take());
}

bool Api::may_cancel(const Request& request) const {
  static constexpr const Permission& Cancel = *Rule("/metrics/active-requests/{id}/cancel").row;
  return options_.cancel_allowed && access_.caller_of(request).may(Cancel);
}

Api::Done Api::session(const Request& request, Reply& reply) {
  const Caller caller = access_.caller_of(request);
  JsonWriter body;
  body.begin_object()
      .member("authentication_required", access_.required())
      .member("authenticated", caller.admitted)
      .member("role", caller.key != nullptr ? word_of(caller.key->role) : "")
      .member("may_cancel", may_cancel(request))
      .member("version", access_.tells_all(request) ? Version : "")
      .member("commit", access_.tells_all(request) ? Commit : "")
      .end_object();
  co_await reply.json(200, body.take());
}

Api::Done Api::login(const Request& request, Reply& reply) {
  const auto key = string_member(request.body, "key");
  if (!key) {
    co_await reply.refuse(400, "invalid_request_error", "key: expected a string");
    co_return;
  }
  const LoginResult login =
      access_.required() ? access_.log_in(*key, request) : LoginResult{.cookie = ""};
  if (login.wait) {
    http::Reply refusal = too_many_wrong_keys(*login.wait);
    co_await reply.send(std::move(refusal));
    co_return;
  }
  if (!login.cookie) {
    co_await reply.refuse(401, "authentication_error", "key: not the key of this service");
    co_return;
  }
  http::ReplyHead head;
  head.status = 204;
  head.headers.push_back({"Cache-Control", "no-store"});
  if (!login.cookie->empty()) head.headers.push_back({"Set-Cookie", *login.cookie});
  co_await reply.send(head, "");
}

Api::Done Api::logout(const Request& request, Reply& reply) {
  http::ReplyHead head;
  head.status = 204;
  head.headers.push_back({"Cache-Control", "no-store"});
  head.headers.push_back({"Set-Cookie", access_.log_out(request)});
  co_await reply.send(head, "");
}

Api::Done Api::to_dashboard(const Request&, Reply& reply) {
  co_await reply.redirect(302, "/dashboard/");
}

Api::Done Api::dashboard(const Request& request, Reply& reply) {
  constexpr std::string_view Mount = "/dashboard/";
  const std::string_view path = std::string_view(request.path).substr(Mount.size());
  co_await files_.serve(path, request, reply);
}

Api::Done Api::icon(const Request& request, Reply& reply) {
  co_await files_.serve("favicon.ico", request, reply);
}

}  // namespace vdm::metrics
