// The numbers at the top of the page, worked out from the state. Pure.
import type { Second } from "../api/types";
import { knownUntil, type LiveRow, type LiveState, STALLED_MS } from "./live";

/** Rates are over this many whole seconds: short enough to feel live, long enough to read. */
export const RATE_WINDOW_S = 10;

export interface Headline {
  running: number;
  streaming: number;
  waiting: number;
  stalled: number;
  stale: number;
  requestsPerSecond: number;
  outputPerSecond: number;
  inputPerSecond: number;
  errorRate: number | null;
  errors: number;
  ended: number;
}

/** Time since the last upstream byte, by the server's clock. */
export function idleMs(row: LiveRow, serverNow: number): number | null {
  return row.last_byte_at === null ? null : Math.max(0, serverNow - row.last_byte_at);
}

export function isStalled(row: LiveRow, serverNow: number): boolean {
  const idle = idleMs(row, serverNow);
  return row.phase === "streaming" && !row.stale && idle !== null && idle >= STALLED_MS;
}

export function headline(state: LiveState, now: number): Headline {
  let streaming = 0;
  let stalled = 0;
  let stale = 0;
  for (const row of state.active.values()) {
    if (row.phase === "streaming") streaming += 1;
    if (row.stale) stale += 1;
    if (isStalled(row, now + state.clockOffset)) stalled += 1;
  }
  const running = state.active.size;
  const end = Math.floor(knownUntil(state, now) / 1000);
  const recent = sumOf(state.series, end - RATE_WINDOW_S, end);
  const window = sumOf(state.series, end - 300, end + 1);
  return {
    running,
    streaming,
    waiting: running - streaming,
    stalled,
    stale,
    requestsPerSecond: recent.started / RATE_WINDOW_S,
    outputPerSecond: recent.output_tokens / RATE_WINDOW_S,
    inputPerSecond: recent.input_tokens / RATE_WINDOW_S,
    errorRate: window.ended === 0 ? null : window.errors / window.ended,
    errors: window.errors,
    ended: window.ended,
  };
}

/** Sums of the seconds in [from, to). */
export function sumOf(series: ReadonlyMap<number, Second>, from: number, to: number): Second {
  const sum: Second = {
    t: from,
    started: 0,
    ended: 0,
    errors: 0,
    input_tokens: 0,
    output_tokens: 0,
  };
  for (const second of series.values()) {
    if (second.t < from || second.t >= to) continue;
    sum.started += second.started;
    sum.ended += second.ended;
    sum.errors += second.errors;
    sum.input_tokens += second.input_tokens;
    sum.output_tokens += second.output_tokens;
  }
  return sum;
}

export interface ChartData {
  times: number[];
  started: number[];
  errors: number[];
  input: number[];
  output: number[];
}

/** Each value as the mean of itself and those before it: single requests make a line, not a comb. */
export function smooth(values: readonly number[], window: number): number[] {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= window ? (values[i - window] ?? 0) : 0);
    return Math.max(0, sum) / Math.min(window, i + 1);
  });
}

/** The last `seconds` whole seconds, zeros filled in. The running second is left out: it is not over. */
export function chartData(
  series: ReadonlyMap<number, Second>,
  serverNow: number,
  seconds: number,
): ChartData {
  const end = Math.floor(serverNow / 1000);
  const data: ChartData = { times: [], started: [], errors: [], input: [], output: [] };
  for (let t = end - seconds; t < end; t += 1) {
    const second = series.get(t);
    data.times.push(t);
    data.started.push(second?.started ?? 0);
    data.errors.push(second?.errors ?? 0);
    data.input.push(second?.input_tokens ?? 0);
    data.output.push(second?.output_tokens ?? 0);
  }
  return data;
}
