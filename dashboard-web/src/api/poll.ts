// The fallback: the same picture as the stream's snapshot, put together from
// the REST endpoints. They know nothing of proxies and seconds, so those stay empty.
import { type Fetch, get } from "./rest";
import type { ActiveRow, Disabled, Snapshot, SplitTotals, TotalsRow, TraceRow } from "./types";

interface ActiveAnswer {
  disabled: boolean;
  message?: string;
  suggestion?: string;
  active_requests?: ActiveRow[];
}

type Block = Partial<TotalsRow>;

interface ProviderBlock {
  last_accessed?: string | null;
  rollup?: { total?: Block; streaming?: Block; non_streaming?: Block };
  models?: Record<
    string,
    { last_accessed?: string | null; total?: Block; streaming?: Block; non_streaming?: Block }
  >;
}

export interface TotalsAnswer {
  summary?: Record<string, unknown>;
  providers?: Record<string, ProviderBlock>;
}

interface LogsAnswer {
  errors?: TraceRow[];
  traces?: TraceRow[];
}

export type Polled = { disabled: Disabled } | { snapshot: Snapshot };

export async function poll(fetcher: Fetch, now: number): Promise<Polled> {
  const active = await get<ActiveAnswer>("/metrics/active-requests", fetcher);
  if (active.disabled) {
    return {
      disabled: { message: active.message ?? "", suggestion: active.suggestion ?? "" },
    };
  }
  const [totals, logs] = await Promise.all([
    get<TotalsAnswer>("/metrics/running-totals?include_active=false", fetcher),
    get<LogsAnswer>("/metrics/logs?limit_errors=100&limit_traces=200", fetcher),
  ]);
  return { snapshot: snapshotOf(active.active_requests ?? [], totals, logs, now) };
}

export function snapshotOf(
  active: ActiveRow[],
  totals: TotalsAnswer,
  logs: LogsAnswer,
  now: number,
): Snapshot {
  const providers: TotalsRow[] = [];
  const models: TotalsRow[] = [];
  for (const [provider, block] of Object.entries(totals.providers ?? {})) {
    const split = splitOf(block.rollup?.streaming, block.rollup?.non_streaming);
    const last = lastOf(block.last_accessed);
    providers.push({ ...rowOf(block.rollup?.total), ...split, ...last, provider });
    for (const [model, inner] of Object.entries(block.models ?? {})) {
      const parts = splitOf(inner.streaming, inner.non_streaming);
      models.push({
        ...rowOf(inner.total),
        ...parts,
        ...lastOf(inner.last_accessed),
        provider,
        model,
      });
    }
  }
  countActive(active, providers, models);
  return {
    epoch: "",
    revision: 0,
    server_time: serverTime(active, now),
    settings: {
      cancel_allowed: false,
      progress_interval_s: 0.5,
      heartbeat_s: 15,
      authentication_required: false,
    },
    active,
    totals: { summary: summaryOf(totals.summary, active.length, providers), providers, models },
    proxies: [],
    traces: logs.traces ?? [],
    errors: logs.errors ?? [],
    series: [],
    degraded: [],
    polled: true,
  };
}

/** A row's start and duration tell what the server's clock said. */
function serverTime(active: ActiveRow[], now: number): number {
  const row = active[0];
  return row ? row.start_time + row.duration_ms / 1000 : now / 1000;
}

function countActive(active: ActiveRow[], providers: TotalsRow[], models: TotalsRow[]): void {
  for (const request of active) {
    for (const row of providers) if (row.provider === request.provider) row.active += 1;
    for (const row of models) {
      if (row.provider === request.provider && row.model === request.resolved_model) {
        row.active += 1;
      }
    }
  }
}

function summaryOf(
  said: Record<string, unknown> | undefined,
  active: number,
  providers: TotalsRow[],
): TotalsRow {
  const block: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(said ?? {})) {
    block[key === "total_duration_ms" ? key : key.replace(/^total_/, "")] = value;
  }
  const last = (said?.last_accessed as { top?: string } | null | undefined)?.top ?? null;
  return {
    ...rowOf(block as Block),
    active,
    last_accessed: last,
    streaming: sumOfSplits(providers.map((row) => row.streaming)),
    non_streaming: sumOfSplits(providers.map((row) => row.non_streaming)),
  };
}

/** Averages weigh by their requests. */
function sumOfSplits(splits: (SplitTotals | undefined)[]): SplitTotals {
  const sum = splitOf(undefined, undefined).streaming;
  let time = 0;
  for (const split of splits) {
    if (!split) continue;
    time += split.average_duration_ms * split.requests;
    sum.requests += split.requests;
    sum.errors += split.errors;
    sum.input_tokens += split.input_tokens;
    sum.output_tokens += split.output_tokens;
  }
  sum.average_duration_ms = sum.requests === 0 ? 0 : Math.round(time / sum.requests);
  return sum;
}

const num = (value: unknown): number => (typeof value === "number" ? value : 0);
const numOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);
const lastOf = (value: string | null | undefined) => ({ last_accessed: value ?? null });

function rowOf(block: Block | undefined): TotalsRow {
  const b = block ?? {};
  return {
    requests: num(b.requests),
    errors: num(b.errors),
    cancelled: num(b.cancelled),
    lost: num(b.lost),
    active: 0,
    input_tokens: num(b.input_tokens),
    output_tokens: num(b.output_tokens),
    cache_read_tokens: num(b.cache_read_tokens),
    cache_creation_tokens: num(b.cache_creation_tokens),
    reasoning_tokens: num(b.reasoning_tokens),
    tool_uses: num(b.tool_uses),
    tool_results: num(b.tool_results),
    tool_calls: num(b.tool_calls),
    average_duration_ms: num(b.average_duration_ms),
    total_duration_ms: num(b.total_duration_ms),
    p50_ms: numOrNull(b.p50_ms),
    p95_ms: numOrNull(b.p95_ms),
    ttft_p50_ms: numOrNull(b.ttft_p50_ms),
    ttft_p95_ms: numOrNull(b.ttft_p95_ms),
    last_accessed: null,
  };
}

function splitOf(streaming: Block | undefined, nonStreaming: Block | undefined) {
  const part = (b: Block | undefined): SplitTotals => ({
    requests: num(b?.requests),
    errors: num(b?.errors),
    average_duration_ms: num(b?.average_duration_ms),
    input_tokens: num(b?.input_tokens),
    output_tokens: num(b?.output_tokens),
  });
  return { streaming: part(streaming), non_streaming: part(nonStreaming) };
}
