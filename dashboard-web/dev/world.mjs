// A make-believe gateway for development and tests: requests that start, grow
// and end, in the shapes of the real metrics service. Nothing here is measured;
// it only moves. Tests drive it step by step, `traffic.mjs` drives it by itself.
import { randomBytes } from "node:crypto";
import { zeroTotals } from "./totals.mjs";

const TRACES_MAX = 200;
const ERRORS_MAX = 100;

export class World {
  constructor({ now = () => Date.now(), proxies = ["proxy-1"] } = {}) {
    this.now = now;
    this.epoch = randomBytes(4).toString("hex");
    this.revision = 1;
    this.active = new Map();
    this.providers = new Map();
    this.models = new Map();
    this.summary = emptyTotals({});
    this.traces = [];
    this.errors = [];
    this.series = new Map();
    this.degraded = [];
    this.proxies = proxies.map((name) => proxyRow(name, this.seconds()));
    this.settings = {
      cancel_allowed: true,
      progress_interval_s: 0.5,
      heartbeat_s: 15,
      authentication_required: false,
    };
    this.counter = 0;
    this.traceSeq = 0;
    this.errorSeq = 0;
    this.clear();
  }

  /** Forgets what changed: the delta that held it was sent. */
  clear() {
    this.dirty = {
      upsert: new Set(),
      remove: new Set(),
      providers: new Set(),
      models: new Set(),
      seconds: new Set(),
      traces: [],
      errors: [],
      summary: false,
      proxies: false,
      degraded: false,
    };
  }

  seconds() {
    return this.now() / 1000;
  }

  start(facts = {}) {
    this.counter += 1;
    const provider = facts.provider ?? "demo";
    const model = facts.resolved_model ?? facts.model ?? "demo-chat";
    const requested = facts.requested_model ?? `${provider}:${model}`;
    const proxy = facts.proxy ?? this.proxies[this.counter % this.proxies.length].proxy;
    const row = {
      request_id: facts.request_id ?? `req_5e7f00d1c0ffee42_${this.counter}`,
      provider,
      model,
      requested_model: requested,
      resolved_model: model,
      qualified_model: requested.includes(":") ? requested : `${provider}:${requested}`,
      is_streaming: facts.is_streaming ?? true,
      start_time: facts.start_time ?? this.seconds(),
      duration_ms: 0,
      input_tokens: facts.input_tokens ?? 0,
      output_tokens: facts.output_tokens ?? 0,
      cache_read_tokens: facts.cache_read_tokens ?? 0,
      cache_creation_tokens: 0,
      tool_uses: facts.tool_uses ?? 0,
      tool_results: facts.tool_results ?? 0,
      tool_calls: facts.tool_calls ?? 0,
      request_size: facts.request_size ?? 2048,
      message_count: facts.message_count ?? 3,
      proxy,
      phase: facts.phase ?? "connecting",
      ttft_ms: facts.ttft_ms ?? null,
      tokens_per_second: facts.tokens_per_second ?? null,
      idle_ms: facts.idle_ms ?? null,
      attempt: facts.attempt ?? 1,
      session: facts.session ?? "",
      agent: facts.agent ?? "",
      client: facts.client ?? "claude-code",
      stale: facts.stale ?? false,
      estimated: facts.estimated ?? true,
      trace_id: facts.trace_id ?? randomBytes(16).toString("hex"),
      kind: facts.kind ?? "completion",
      credential: facts.credential ?? "key",
      answered_model: facts.answered_model ?? null,
      model_mismatch: facts.answered_model !== undefined,
    };
    this.active.set(row.request_id, row);
    this.dirty.upsert.add(row.request_id);
    for (const totals of this.totalsOf(row)) {
      totals.active += 1;
      totals.last_accessed = new Date(this.now()).toISOString();
    }
    this.second().started += 1;
    this.proxyOf(row, (p) => {
      p.active += 1;
      p.started += 1;
    });
    return row;
  }

  progress(id, changes) {
    const row = this.active.get(id);
    if (!row) return;
    const grown = (changes.output_tokens ?? row.output_tokens) - row.output_tokens;
    if (grown > 0) this.second().output_tokens += grown;
    Object.assign(row, changes);
    this.dirty.upsert.add(id);
  }

  end(id, facts = {}) {
    const row = this.active.get(id);
    if (!row) return null;
    this.active.delete(id);
    this.dirty.upsert.delete(id);
    this.dirty.remove.add(id);
    const duration = Math.max(1, this.now() - row.start_time * 1000);
    const outcome = facts.outcome ?? "ok";
    const failed = ["upstream_error", "timeout", "rejected"].includes(outcome);
    for (const totals of this.totalsOf(row)) settleTotals(totals, row, duration, outcome, failed);
    const second = this.second();
    second.ended += 1;
    second.input_tokens += row.input_tokens;
    if (failed) second.errors += 1;
    this.proxyOf(row, (p) => {
      p.active -= 1;
      if (outcome === "lost") p.lost += 1;
      else p.ended += 1;
    });
    const trace = traceOf(row, facts, outcome, failed, duration, this.seconds());
    this.traceSeq += 1;
    this.traces = [{ seq: this.traceSeq, ...trace }, ...this.traces].slice(0, TRACES_MAX);
    this.dirty.traces.unshift(this.traces[0]);
    if (trace.error) {
      this.errorSeq += 1;
      this.errors = [{ seq: this.errorSeq, ...trace }, ...this.errors].slice(0, ERRORS_MAX);
      this.dirty.errors.unshift(this.errors[0]);
    }
    return trace;
  }

  setProxy(name, changes) {
    const proxy = this.proxies.find((p) => p.proxy === name);
    Object.assign(proxy, changes);
    this.dirty.proxies = true;
    if (changes.state !== undefined) {
      for (const row of this.active.values()) {
        if (row.proxy !== name) continue;
        row.stale = changes.state !== "connected";
        this.dirty.upsert.add(row.request_id);
      }
    }
  }

  setDegraded(reasons) {
    this.degraded = reasons;
    this.dirty.degraded = true;
  }

  totalsOf(row) {
    const { provider, resolved_model: model } = row;
    const key = `${provider}\0${model}`;
    if (!this.providers.has(provider)) this.providers.set(provider, emptyTotals({ provider }));
    if (!this.models.has(key)) this.models.set(key, emptyTotals({ provider, model }));
    this.dirty.providers.add(provider);
    this.dirty.models.add(key);
    this.dirty.summary = true;
    return [this.summary, this.providers.get(provider), this.models.get(key)];
  }

  proxyOf(row, change) {
    const proxy = this.proxies.find((p) => p.proxy === row.proxy);
    if (!proxy) return;
    change(proxy);
    proxy.last_seen = this.seconds();
    this.dirty.proxies = true;
  }

  second() {
    const t = Math.floor(this.seconds());
    let second = this.series.get(t);
    if (!second) {
      second = { t, started: 0, ended: 0, errors: 0, input_tokens: 0, output_tokens: 0 };
      this.series.set(t, second);
      this.series.delete(t - 301);
    }
    this.dirty.seconds.add(t);
    return second;
  }
}

function settleTotals(totals, row, duration, outcome, failed) {
  totals.active -= 1;
  if (failed) totals.errors += 1;
  if (outcome === "client_cancelled" || outcome === "cancelled_by_operator") totals.cancelled += 1;
  if (outcome === "lost") {
    totals.lost += 1;
    return;
  }
  totals.requests += 1;
  totals.input_tokens += row.input_tokens;
  totals.output_tokens += row.output_tokens;
  totals.cache_read_tokens += row.cache_read_tokens;
  totals.cache_creation_tokens += row.cache_creation_tokens;
  totals.tool_uses += row.tool_uses;
  totals.tool_results += row.tool_results;
  totals.tool_calls += row.tool_calls;
  if (row.model_mismatch) totals.model_mismatches += 1;
  totals.total_duration_ms += duration;
  totals.average_duration_ms = Math.round(totals.total_duration_ms / totals.requests);
  totals.durations.push(duration);
  if (row.ttft_ms !== null) totals.firsts.push(row.ttft_ms);
  totals.p50_ms = percentile(totals.durations, 0.5);
  totals.p95_ms = percentile(totals.durations, 0.95);
  totals.ttft_p50_ms = percentile(totals.firsts, 0.5);
  totals.ttft_p95_ms = percentile(totals.firsts, 0.95);
  const split = row.is_streaming ? totals.streaming : totals.non_streaming;
  split.average_duration_ms = Math.round(
    (split.average_duration_ms * split.requests + duration) / (split.requests + 1),
  );
  split.requests += 1;
  if (failed) split.errors += 1;
  split.input_tokens += row.input_tokens;
  split.output_tokens += row.output_tokens;
}

function traceOf(row, facts, outcome, failed, duration, ts) {
  const first = row.ttft_ms;
  const attempts = facts.attempts ?? [
    {
      provider: row.provider,
      model: row.resolved_model,
      status: failed ? (facts.http_status ?? 500) : 200,
      error_type: failed ? (facts.error_type ?? "api_error") : null,
      started_ms: 2,
      connected_ms: 18,
      first_byte_ms: first === null ? null : Math.max(19, first - 30),
      ended_ms: Math.round(duration) - 1,
      reused: false,
    },
  ];
  return {
    ts,
    request_id: row.request_id,
    provider: row.provider,
    model: row.model,
    is_streaming: row.is_streaming,
    duration_ms: duration,
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    cache_read_tokens: row.cache_read_tokens,
    cache_creation_tokens: row.cache_creation_tokens,
    tool_use_count: row.tool_uses,
    tool_call_count: row.tool_calls,
    tool_result_count: row.tool_results,
    status: failed ? "error" : "ok",
    error: facts.error ?? (failed ? "the provider failed" : null),
    error_type: failed ? (facts.error_type ?? "api_error") : null,
    outcome,
    http_status: facts.http_status ?? (failed ? 500 : 200),
    ttft_ms: first,
    requested_model: row.requested_model,
    resolved_model: row.resolved_model,
    proxy: row.proxy,
    finish_reason: failed ? "" : (facts.finish_reason ?? "end_turn"),
    overhead_ms: 0.21,
    response_bytes: row.output_tokens * 5 + 400,
    request_size: row.request_size,
    message_count: row.message_count,
    reasoning_tokens: 0,
    estimated: false,
    start_time: row.start_time,
    trace_id: row.trace_id,
    session: row.session,
    agent: row.agent,
    client: row.client,
    user_agent: facts.user_agent ?? "claude-cli/2.1 (external, cli)",
    kind: row.kind,
    credential: row.credential,
    answered_model: row.model_mismatch ? row.answered_model : failed ? null : row.resolved_model,
    model_mismatch: row.model_mismatch,
    attempts,
  };
}

function emptyTotals(names) {
  const split = () => ({
    requests: 0,
    errors: 0,
    average_duration_ms: 0,
    input_tokens: 0,
    output_tokens: 0,
  });
  const totals = {
    ...names,
    ...zeroTotals(),
    streaming: split(),
    non_streaming: split(),
  };
  // Kept for the percentiles, not shown to anyone.
  for (const [name, value] of [
    ["durations", []],
    ["firsts", []],
  ]) {
    Object.defineProperty(totals, name, { value, writable: true, enumerable: false });
  }
  return totals;
}

function proxyRow(proxy, now) {
  return {
    proxy,
    instance_id: randomBytes(8).toString("hex"),
    state: "connected",
    version: "0.1.0",
    boot_time: now - 4000,
    last_seen: now,
    active: 0,
    started: 0,
    ended: 0,
    lost: 0,
    gap_ended: 0,
    undeclared_gaps: 0,
    buffered_bytes: 0,
    dropped_progress: 0,
    rejections_unlisted: 0,
    implausible_numbers: 0,
  };
}

function percentile(values, share) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
}
