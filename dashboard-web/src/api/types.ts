// What the server sends, word for word. LiveMessage is a tagged union made by
// the stream reader; everything else is JSON as it arrives.

export type Phase = "connecting" | "waiting" | "streaming" | "draining";

/** One request in flight. `duration_ms` is as of the message: the page ticks it itself. */
export interface ActiveRow {
  request_id: string;
  provider: string;
  model: string;
  requested_model: string;
  resolved_model: string;
  qualified_model: string;
  is_streaming: boolean;
  start_time: number;
  duration_ms: number;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_creation_tokens: number;
  tool_uses: number;
  tool_results: number;
  tool_calls: number;
  request_size: number;
  message_count: number;
  proxy: string;
  phase: Phase | string;
  ttft_ms: number | null;
  tokens_per_second: number | null;
  idle_ms: number | null;
  attempt: number;
  session: string;
  agent: string;
  client: string;
  stale: boolean;
  estimated: boolean;
  trace_id: string;
  kind: string;
  /** "key", "client_key", "subscription" or "none"; null while it is not known. */
  credential: string | null;
  /** Set once the answer is known to name another model than `resolved_model`. */
  answered_model: string | null;
  model_mismatch: boolean;
}

export interface SplitTotals {
  requests: number;
  errors: number;
  average_duration_ms: number;
  input_tokens: number;
  output_tokens: number;
}

/** Sums of one provider, one model, or of all (then without names). */
export interface TotalsRow {
  provider?: string;
  model?: string;
  requests: number;
  errors: number;
  cancelled: number;
  lost: number;
  active: number;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_creation_tokens: number;
  reasoning_tokens: number;
  tool_uses: number;
  tool_results: number;
  tool_calls: number;
  model_mismatches: number;
  average_duration_ms: number;
  total_duration_ms: number;
  p50_ms: number | null;
  p95_ms: number | null;
  ttft_p50_ms: number | null;
  ttft_p95_ms: number | null;
  last_accessed: string | null;
  streaming?: SplitTotals;
  non_streaming?: SplitTotals;
}

export interface ProxyRow {
  proxy: string;
  instance_id: string;
  state: "connected" | "stale" | "gone" | string;
  version: string;
  boot_time: string | number | null;
  last_seen: string | number | null;
  active: number;
  started: number;
  ended: number;
  lost: number;
  gap_ended: number;
  undeclared_gaps: number;
  buffered_bytes: number;
  dropped_progress: number;
  rejections_unlisted: number;
  implausible_numbers: number;
}

export interface Attempt {
  provider: string;
  model: string;
  status: number | null;
  error_type: string | null;
  started_ms: number;
  connected_ms: number | null;
  first_byte_ms: number | null;
  ended_ms: number | null;
  reused: boolean;
}

/** One request that is over. */
export interface TraceRow {
  seq: number;
  ts: number;
  request_id: string;
  provider: string;
  model: string;
  is_streaming: boolean;
  duration_ms: number;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_creation_tokens: number;
  tool_use_count: number;
  tool_call_count: number;
  tool_result_count: number;
  status: "ok" | "error" | string;
  error: string | null;
  error_type: string | null;
  outcome: string;
  http_status: number | null;
  ttft_ms: number | null;
  requested_model: string;
  resolved_model: string;
  proxy: string;
  finish_reason: string | null;
  overhead_ms: number | null;
  response_bytes: number | null;
  request_size: number | null;
  message_count: number | null;
  reasoning_tokens: number | null;
  estimated: boolean;
  start_time: number;
  trace_id: string;
  session: string;
  agent: string;
  client: string;
  user_agent: string;
  kind: string;
  /** "key", "client_key", "subscription" or "none"; null while it is not known. */
  credential: string | null;
  /** What the answer names; null when it names none. */
  answered_model: string | null;
  /** That is another model than `resolved_model`, not another name of it. */
  model_mismatch: boolean;
  attempts: Attempt[];
}

/** One second of traffic. Seconds in which nothing happened are not sent. */
export interface Second {
  t: number;
  started: number;
  ended: number;
  errors: number;
  input_tokens: number;
  output_tokens: number;
}

export interface ServerSettings {
  cancel_allowed: boolean;
  progress_interval_s: number;
  heartbeat_s: number;
  authentication_required: boolean;
}

export interface Totals {
  summary: TotalsRow | null;
  providers: TotalsRow[];
  models: TotalsRow[];
}

export interface Snapshot {
  epoch: string;
  revision: number;
  server_time: number;
  settings: ServerSettings;
  active: ActiveRow[];
  totals: Totals;
  proxies: ProxyRow[];
  traces: TraceRow[];
  errors: TraceRow[];
  series: Second[];
  degraded: string[];
  /** Set by the page when it asked for the snapshot instead of being sent it. */
  polled?: boolean;
}

export interface Delta {
  revision: number;
  server_time: number;
  upsert?: ActiveRow[];
  remove?: string[];
  totals?: Partial<Totals>;
  proxies?: ProxyRow[];
  traces?: TraceRow[];
  errors?: TraceRow[];
  series?: Second[];
  degraded?: string[];
}

export interface Reset {
  reason: string;
  lost: number;
}

export interface Disabled {
  message: string;
  suggestion: string;
}

/** What the page learns, whichever way it came. `at` is the local clock at receipt. */
export type LiveMessage =
  | { kind: "snapshot"; at: number; data: Snapshot }
  | { kind: "delta"; at: number; data: Delta }
  | { kind: "reset"; at: number; data: Reset };

export interface SessionInfo {
  authentication_required: boolean;
  authenticated: boolean;
  /** What the key that logged in may do; empty: no key is set. */
  role?: string;
  /** False: the role may not, or cancelling is off. */
  may_cancel?: boolean;
  version: string;
  commit: string;
}
