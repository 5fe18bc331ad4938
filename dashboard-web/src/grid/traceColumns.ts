// The columns of finished requests: traces, and errors with their message first.
import type { TraceRow } from "../api/types";
import { duration } from "../format/duration";
import { notesOf } from "../format/notes";
import { bytes, count, NONE } from "../format/numbers";
import { clockTime, iso } from "../format/time";
import { answerColumns } from "./answerColumns";
import { badgeCell, modelCell, outcomeCell } from "./cells";
import type { Column } from "./column";

type Row = TraceRow;

const tokens = (id: string, title: string, of: (row: Row) => number | null, hint: string) =>
  ({
    id,
    title,
    hint,
    width: 84,
    right: true,
    value: of,
    text: (row) => (of(row) ? count(of(row)) : NONE),
  }) satisfies Column<Row>;

const TIME: Column<Row> = {
  id: "time",
  title: "Ended",
  hint: "When the request ended, in your time zone",
  width: 96,
  value: (row) => row.ts,
  text: (row) => clockTime(row.ts * 1000, Date.now()),
  cell: (element, row) => {
    element.textContent = clockTime(row.ts * 1000, Date.now());
    element.title = iso(row.ts * 1000);
  },
};

const OUTCOME: Column<Row> = {
  id: "outcome",
  title: "Outcome",
  width: 124,
  value: (row) => row.outcome,
  cell: (element, row) => outcomeCell(element, row.outcome),
};

const STATUS: Column<Row> = {
  id: "status",
  title: "HTTP",
  width: 68,
  right: true,
  value: (row) => row.http_status,
  text: (row) => (row.http_status ? String(row.http_status) : NONE),
};

const MODEL: Column<Row> = {
  id: "model",
  title: "Model",
  width: 240,
  flex: 2,
  mono: true,
  value: (row) => `${row.provider}:${row.resolved_model || row.model}`,
  cell: (element, row) =>
    modelCell(element, row.provider, row.resolved_model || row.model, notesOf(row)),
};

const PROVIDER: Column<Row> = {
  id: "provider",
  title: "Provider",
  width: 112,
  hide: true,
  value: (row) => row.provider,
  cell: (element, row) => badgeCell(element, row.provider),
};

const DURATION: Column<Row> = {
  id: "duration",
  title: "Duration",
  width: 88,
  right: true,
  value: (row) => row.duration_ms,
  text: (row) => duration(row.duration_ms),
};

const TTFT: Column<Row> = {
  id: "ttft",
  title: "TTFT",
  hint: "Time to first token",
  width: 80,
  right: true,
  value: (row) => row.ttft_ms,
  text: (row) => duration(row.ttft_ms),
};

const REST: Column<Row>[] = [
  ...answerColumns<Row>(),
  { id: "proxy", title: "Proxy", width: 104, value: (row) => row.proxy },
  { id: "client", title: "Client", width: 116, value: (row) => row.client },
  { id: "session", title: "Session", width: 96, mono: true, hide: true, value: (r) => r.session },
  {
    id: "request",
    title: "Request id",
    width: 170,
    flex: 1,
    mono: true,
    value: (r) => r.request_id,
  },
];

const attempts = (row: Row): number => row.attempts?.length ?? 0;

export const TRACE_COLUMNS: Column<Row>[] = [
  TIME,
  OUTCOME,
  STATUS,
  MODEL,
  PROVIDER,
  DURATION,
  TTFT,
  tokens("in", "In", (row) => row.input_tokens, "Input tokens, without cache"),
  tokens("out", "Out", (row) => row.output_tokens, "Output tokens"),
  {
    ...tokens("cacheRead", "Cache rd", (r) => r.cache_read_tokens, "Tokens read from cache"),
    width: 90,
  },
  {
    ...tokens("cacheWrite", "Cache wr", (r) => r.cache_creation_tokens, "Tokens written to cache"),
    width: 90,
  },
  {
    ...tokens("tools", "Tools", (row) => row.tool_call_count, "Tool calls in the answer"),
    width: 70,
  },
  { ...tokens("tries", "Tries", attempts, "Attempts at a provider"), width: 70 },
  {
    id: "streaming",
    title: "Stream",
    width: 78,
    hide: true,
    value: (row) => row.is_streaming,
    text: (row) => (row.is_streaming ? "yes" : "no"),
  },
  {
    id: "size",
    title: "Answer",
    hint: "Bytes of the answer",
    width: 88,
    right: true,
    hide: true,
    value: (row) => row.response_bytes,
    text: (row) => bytes(row.response_bytes),
  },
  ...REST,
];

export const ERROR_COLUMNS: Column<Row>[] = [
  TIME,
  OUTCOME,
  STATUS,
  { ...MODEL, flex: 1 },
  PROVIDER,
  { id: "type", title: "Error type", width: 150, mono: true, value: (row) => row.error_type },
  { id: "error", title: "Message", width: 320, flex: 3, value: (row) => row.error },
  DURATION,
  { ...TTFT, hide: true },
  ...REST,
];
