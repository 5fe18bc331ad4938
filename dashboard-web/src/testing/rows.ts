// Rows for tests: whole ones, of which a test states only what it is about.
import { zeroTotals } from "../../dev/totals.mjs";
import type { ActiveRow, Delta, LiveMessage, Snapshot, TotalsRow, TraceRow } from "../api/types";

export function active(facts: Partial<ActiveRow> & { request_id: string }): ActiveRow {
  return {
    provider: "demo",
    model: "demo-chat",
    requested_model: "demo:demo-chat",
    resolved_model: "demo-chat",
    qualified_model: "demo:demo-chat",
    is_streaming: true,
    start_time: 1000,
    duration_ms: 0,
    input_tokens: 0,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_creation_tokens: 0,
    tool_uses: 0,
    tool_results: 0,
    tool_calls: 0,
    request_size: 100,
    message_count: 1,
    proxy: "proxy-1",
    phase: "waiting",
    ttft_ms: null,
    tokens_per_second: null,
    idle_ms: null,
    attempt: 1,
    session: "",
    agent: "",
    client: "",
    stale: false,
    estimated: false,
    trace_id: "",
    kind: "completion",
    credential: "key",
    answered_model: null,
    model_mismatch: false,
    ...facts,
  };
}

export function trace(facts: Partial<TraceRow> & { request_id: string }): TraceRow {
  return {
    seq: 1,
    ts: 1001,
    provider: "demo",
    model: "demo-chat",
    is_streaming: true,
    duration_ms: 1000,
    input_tokens: 0,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_creation_tokens: 0,
    tool_use_count: 0,
    tool_call_count: 0,
    tool_result_count: 0,
    status: "ok",
    error: null,
    error_type: null,
    outcome: "ok",
    http_status: 200,
    ttft_ms: 300,
    requested_model: "demo:demo-chat",
    resolved_model: "demo-chat",
    proxy: "proxy-1",
    finish_reason: "stop",
    overhead_ms: 0.2,
    response_bytes: 100,
    request_size: 100,
    message_count: 1,
    reasoning_tokens: 0,
    estimated: false,
    start_time: 1000,
    trace_id: "",
    session: "",
    agent: "",
    client: "",
    user_agent: "",
    kind: "completion",
    credential: "key",
    answered_model: "demo-chat",
    model_mismatch: false,
    attempts: [],
    ...facts,
  };
}

export const totals = (facts: Partial<TotalsRow>): TotalsRow => ({ ...zeroTotals(), ...facts });

export function snapshot(facts: Partial<Snapshot> = {}): Snapshot {
  return {
    epoch: "e1",
    revision: 1,
    server_time: 1000,
    settings: {
      cancel_allowed: false,
      progress_interval_s: 0.5,
      heartbeat_s: 15,
      authentication_required: false,
    },
    active: [],
    totals: { summary: totals({}), providers: [], models: [] },
    proxies: [],
    traces: [],
    errors: [],
    series: [],
    degraded: [],
    ...facts,
  };
}

export const snapshotMessage = (facts: Partial<Snapshot> = {}, at = 1_000_000): LiveMessage => ({
  kind: "snapshot",
  at,
  data: snapshot(facts),
});

export const deltaMessage = (facts: Partial<Delta>, at = 1_000_100): LiveMessage => ({
  kind: "delta",
  at,
  data: { revision: 2, server_time: 1000.1, ...facts },
});
