// Everything the page knows about the gateway, and how a message changes it.
// Pure: the same state and message give the same next state; the clock arrives
// with the message. Rows that did not change keep their identity, so whoever
// shows them can tell by `===`.
import type {
  ActiveRow,
  Delta,
  LiveMessage,
  ProxyRow,
  Second,
  ServerSettings,
  Snapshot,
  TotalsRow,
  TraceRow,
} from "../api/types";
import { type ClockSamples, offsetOf, sample } from "./clock";

export const TRACES_MAX = 200;
export const ERRORS_MAX = 100;
export const SERIES_SECONDS = 300;
/** A stream is stalled when its upstream has sent nothing for this long. */
export const STALLED_MS = 5_000;

/** A row with its idle time turned into a point in time, which does not move on its own. */
export interface LiveRow extends ActiveRow {
  /** Server clock in ms at the last byte from upstream, null before the first. */
  last_byte_at: number | null;
}

export interface LiveState {
  epoch: string;
  revision: number;
  /** Server clock minus local clock, in ms. */
  clockOffset: number;
  clock: ClockSamples;
  /** Local time of the last message that was applied. */
  receivedAt: number;
  settings: ServerSettings;
  active: ReadonlyMap<string, LiveRow>;
  summary: TotalsRow | null;
  providers: ReadonlyMap<string, TotalsRow>;
  models: ReadonlyMap<string, TotalsRow>;
  proxies: readonly ProxyRow[];
  traces: readonly TraceRow[];
  errors: readonly TraceRow[];
  series: ReadonlyMap<number, Second>;
  degraded: readonly string[];
  /** False when the last message was polled: what follows it is not known until the next. */
  streamed: boolean;
}

/** What a message brought, for counting while paused and for announcing. */
export interface Change {
  started: number;
  ended: number;
  updated: number;
  failed: number;
}

export const NO_CHANGE: Change = { started: 0, ended: 0, updated: 0, failed: 0 };

export const DEFAULT_SETTINGS: ServerSettings = {
  cancel_allowed: false,
  progress_interval_s: 0.5,
  heartbeat_s: 15,
  authentication_required: false,
};

/** null until the first snapshot. A delta without one is refused (null stays null). */
export function apply(
  state: LiveState | null,
  message: LiveMessage,
): { next: LiveState | null; change: Change } {
  switch (message.kind) {
    case "snapshot":
      return applySnapshot(state, message.data, message.at);
    case "delta":
      if (state === null || message.data.revision <= state.revision) {
        return { next: state, change: NO_CHANGE }; // already known: a repeated delta changes nothing
      }
      return applyDelta(state, message.data, message.at);
    case "reset":
      return { next: state, change: NO_CHANGE }; // a snapshot follows
  }
}

function applySnapshot(state: LiveState | null, data: Snapshot, at: number) {
  const before = state?.active ?? new Map<string, LiveRow>();
  const active = new Map<string, LiveRow>();
  let started = 0;
  let updated = 0;
  for (const said of data.active) {
    if (!isRow(said) || active.has(said.request_id)) continue; // the first of two (newest) wins
    const row = anchored(said, data.server_time, data.polled ? STALLED_MS : 0);
    const known = before.get(row.request_id);
    const same = known !== undefined && sameRow(known, row);
    active.set(row.request_id, same ? known : row);
    if (known === undefined) started += 1;
    else if (!same) updated += 1;
  }
  let ended = 0;
  for (const id of before.keys()) if (!active.has(id)) ended += 1;

  const clock = sample(state?.clock ?? [], data.server_time * 1000 - at);
  const next: LiveState = {
    epoch: data.epoch,
    revision: data.revision,
    clock,
    clockOffset: offsetOf(clock),
    receivedAt: at,
    settings: { ...DEFAULT_SETTINGS, ...data.settings },
    active,
    summary: data.totals.summary,
    providers: keyed(state?.providers, data.totals.providers, providerKey),
    models: keyed(state?.models, data.totals.models, modelKey),
    proxies: data.proxies,
    traces: mergeTraces([], data.traces, TRACES_MAX),
    errors: mergeTraces([], data.errors, ERRORS_MAX),
    series: trimSeries(new Map(data.series.map((s) => [s.t, s])), data.server_time),
    degraded: data.degraded,
    streamed: !data.polled,
  };
  return { next, change: { started, ended, updated, failed: 0 } };
}

function applyDelta(state: LiveState, data: Delta, at: number) {
  let active = state.active;
  const change = { ...NO_CHANGE };
  if (data.upsert?.length || data.remove?.length) {
    const rows = new Map(state.active);
    for (const said of data.upsert ?? []) {
      if (!isRow(said)) continue;
      const row = anchored(said, data.server_time);
      if (rows.has(row.request_id)) change.updated += 1;
      else change.started += 1;
      rows.set(row.request_id, row);
    }
    for (const id of data.remove ?? []) {
      if (rows.delete(id)) change.ended += 1;
    }
    active = rows;
  }
  change.failed = data.errors?.length ?? 0;

  let series = state.series;
  if (data.series?.length) {
    const merged = new Map(state.series);
    for (const second of data.series) merged.set(second.t, second);
    series = trimSeries(merged, data.server_time);
  }
  const clock = sample(state.clock, data.server_time * 1000 - at);
  const next: LiveState = {
    ...state,
    revision: data.revision,
    clock,
    clockOffset: offsetOf(clock),
    receivedAt: at,
    active,
    summary: data.totals?.summary ?? state.summary,
    providers: merge(state.providers, data.totals?.providers, providerKey),
    models: merge(state.models, data.totals?.models, modelKey),
    proxies: data.proxies ?? state.proxies,
    traces: data.traces?.length ? mergeTraces(state.traces, data.traces, TRACES_MAX) : state.traces,
    errors: data.errors?.length ? mergeTraces(state.errors, data.errors, ERRORS_MAX) : state.errors,
    series,
    degraded: data.degraded ?? state.degraded,
    streamed: true,
  };
  return { next, change };
}

/** The snapshot that leads a newcomer to this state: for tabs that join a running stream. */
export function toSnapshot(state: LiveState, serverTime: number): Snapshot {
  return {
    epoch: state.epoch,
    revision: state.revision,
    server_time: serverTime,
    settings: state.settings,
    active: [...state.active.values()]
      .map(({ last_byte_at, ...row }) => ({
        ...row,
        idle_ms: last_byte_at === null ? null : Math.max(0, serverTime * 1000 - last_byte_at),
      }))
      .sort((a, b) => b.start_time - a.start_time),
    totals: {
      summary: state.summary,
      providers: [...state.providers.values()],
      models: [...state.models.values()],
    },
    proxies: [...state.proxies],
    traces: [...state.traces],
    errors: [...state.errors],
    series: [...state.series.values()],
    degraded: [...state.degraded],
    polled: !state.streamed,
  };
}

/** Up to when the seconds are known, by the server's clock: polled ones end with their answer. */
export function knownUntil(state: LiveState, now: number): number {
  return (state.streamed ? now : state.receivedAt) + state.clockOffset;
}

export const providerKey = (row: TotalsRow): string => row.provider ?? "";
/** Neither part can hold a NUL, so two different pairs never share a key. */
export const modelKey = (row: TotalsRow): string => `${row.provider ?? ""}\u0000${row.model ?? ""}`;

function isRow(row: ActiveRow): boolean {
  return typeof row?.request_id === "string" && row.request_id !== "";
}

/** `least`: shorter silences are not kept. Polls are too far apart to tell a pause from a stall. */
function anchored(row: ActiveRow, serverTime: number, least = 0): LiveRow {
  const idle = row.idle_ms ?? null;
  const known = idle !== null && idle >= least;
  return { ...row, last_byte_at: known ? serverTime * 1000 - idle : null };
}

/** Move on their own, so a difference in them is none. */
const MOVING = new Set(["duration_ms", "idle_ms"]);
const SAME_INSTANT_MS = 1_000;

/** Equal in all that does not move on its own. */
export function sameRow(before: object, after: object): boolean {
  const left = before as Record<string, unknown>;
  const right = after as Record<string, unknown>;
  for (const key of Object.keys(right)) {
    const [a, b] = [left[key], right[key]];
    if (MOVING.has(key) || a === b) continue;
    if (key === "last_byte_at" && typeof a === "number" && typeof b === "number") {
      if (Math.abs(a - b) < SAME_INSTANT_MS) continue;
    }
    const nested = typeof b === "object" && b !== null;
    if (!nested || JSON.stringify(a) !== JSON.stringify(b)) return false;
  }
  return true;
}

function keyed(
  before: ReadonlyMap<string, TotalsRow> | undefined,
  rows: TotalsRow[],
  key: (row: TotalsRow) => string,
): ReadonlyMap<string, TotalsRow> {
  const next = new Map<string, TotalsRow>();
  for (const row of rows) {
    const known = before?.get(key(row));
    next.set(key(row), known && sameRow(known, row) ? known : row);
  }
  return next;
}

function merge(
  before: ReadonlyMap<string, TotalsRow>,
  rows: TotalsRow[] | undefined,
  key: (row: TotalsRow) => string,
): ReadonlyMap<string, TotalsRow> {
  if (!rows?.length) return before;
  const next = new Map(before);
  for (const row of rows) next.set(key(row), row);
  return next;
}

/** Newest first, each request once, no more than `max`. */
function mergeTraces(known: readonly TraceRow[], fresh: TraceRow[], max: number): TraceRow[] {
  const seen = new Set<string>();
  const all: TraceRow[] = [];
  for (const row of [...fresh, ...known]) {
    if (seen.has(row.request_id)) continue;
    seen.add(row.request_id);
    all.push(row);
    if (all.length === max) break;
  }
  return all;
}

function trimSeries(
  series: ReadonlyMap<number, Second>,
  serverTime: number,
): ReadonlyMap<number, Second> {
  const oldest = Math.floor(serverTime) - SERIES_SECONDS;
  const next = new Map<number, Second>();
  for (const [t, second] of series) if (t > oldest) next.set(t, second);
  return next;
}
