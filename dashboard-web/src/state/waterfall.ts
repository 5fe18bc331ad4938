// The bars of one request's waterfall: its attempts, each cut into connecting,
// waiting for the first byte, and receiving. Times are ms since the request began. Pure.
import type { ActiveRow, Attempt, TraceRow } from "../api/types";

export interface Bar {
  kind: "gateway" | "connecting" | "waiting" | "streaming" | "failed";
  from: number;
  to: number;
}

export interface Lane {
  label: string;
  model: string;
  detail: string;
  bars: Bar[];
}

export interface Waterfall {
  total: number;
  lanes: Lane[];
  firstTokenMs: number | null;
}

export function traceWaterfall(trace: TraceRow): Waterfall {
  const attempts = trace.attempts ?? [];
  const ends = attempts.map((a) => a.ended_ms ?? 0);
  const total = Math.max(1, trace.duration_ms, trace.ttft_ms ?? 0, ...ends);
  const lanes = attempts.map((attempt, i) => attemptLane(attempt, i, attempts.length, total));
  if (lanes.length === 0) {
    const bars = phases(total, null, trace.ttft_ms);
    lanes.push({ label: "request", model: "", detail: "no attempt was recorded", bars });
  }
  return { total, lanes, firstTokenMs: trace.ttft_ms };
}

/** What is known of a request that still runs. */
export function activeWaterfall(row: ActiveRow, durationMs: number): Waterfall {
  const total = Math.max(1, durationMs, row.ttft_ms ?? 0);
  const bars: Bar[] =
    row.phase === "connecting"
      ? [{ kind: "connecting", from: 0, to: total }]
      : phases(total, null, row.phase === "waiting" ? null : row.ttft_ms);
  const detail = row.attempt > 1 ? `attempt ${row.attempt}` : "first attempt";
  return {
    total,
    lanes: [{ label: row.provider, model: row.resolved_model, detail, bars }],
    firstTokenMs: row.ttft_ms,
  };
}

/** Less than this in the gateway is not worth a colour. */
const SHOWN_MS = 1;

function attemptLane(attempt: Attempt, index: number, count: number, total: number): Lane {
  const from = clamp(attempt.started_ms, total);
  const to = clamp(attempt.ended_ms ?? total, total);
  const failed = (attempt.status ?? 0) >= 400 || Boolean(attempt.error_type);
  const connected = attempt.connected_ms === null ? null : clamp(attempt.connected_ms, total);
  const first = attempt.first_byte_ms === null ? null : clamp(attempt.first_byte_ms, total);
  const bars: Bar[] = [];
  if (index === 0 && from >= SHOWN_MS) bars.push({ kind: "gateway", from: 0, to: from });
  if (connected === null && !attempt.reused) {
    bars.push({ kind: failed ? "failed" : "connecting", from, to: first ?? to });
  } else {
    const ready = connected ?? from;
    if (ready > from) bars.push({ kind: "connecting", from, to: ready });
    bars.push({
      kind: failed && first === null ? "failed" : "waiting",
      from: ready,
      to: first ?? to,
    });
  }
  if (first !== null && to > first) {
    bars.push({ kind: failed ? "failed" : "streaming", from: first, to });
  }
  const status = attempt.status ? String(attempt.status) : attempt.error_type || "";
  return {
    label: count > 1 ? `${index + 1}. ${attempt.provider}` : attempt.provider,
    model: attempt.model,
    detail: [status, attempt.reused ? "connection reused" : ""].filter(Boolean).join(" · "),
    bars: bars.filter((bar) => bar.to > bar.from),
  };
}

function phases(total: number, connected: number | null, first: number | null): Bar[] {
  const bars: Bar[] = [];
  const start = connected ?? 0;
  if (start > 0) bars.push({ kind: "connecting", from: 0, to: start });
  bars.push({ kind: "waiting", from: start, to: first ?? total });
  if (first !== null) bars.push({ kind: "streaming", from: first, to: total });
  return bars.filter((bar) => bar.to > bar.from);
}

const clamp = (ms: number, total: number): number => Math.min(total, Math.max(0, ms));
