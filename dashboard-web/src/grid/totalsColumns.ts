// The columns of the provider and model rollups.
import type { TotalsRow } from "../api/types";
import { duration } from "../format/duration";
import { compact, count, percent } from "../format/numbers";
import { toMs } from "../format/time";
import { errorRate, started } from "../state/totals";
import { serverNow } from "../store";
import { agoTick, badgeCell, modelCell } from "./cells";
import type { Column } from "./column";

type Row = TotalsRow;

const number = (id: string, title: string, width: number, of: (row: Row) => number, hint = "") =>
  ({
    id,
    title,
    width,
    right: true,
    value: of,
    text: (row) => count(of(row)),
    ...(hint && { hint }),
  }) satisfies Column<Row>;

/** Tokens run into millions: short here, exact in the export. */
const tokens = (id: string, title: string, of: (row: Row) => number, hint: string) =>
  ({ ...number(id, title, 74, of, hint), text: (row) => compact(of(row)) }) satisfies Column<Row>;

const time = (id: string, title: string, of: (row: Row) => number | null, hint = "") =>
  ({
    id,
    title,
    width: 70,
    right: true,
    value: of,
    text: (row) => duration(of(row)),
    ...(hint && { hint }),
  }) satisfies Column<Row>;

const LAST: Column<Row> = {
  id: "last",
  title: "Last",
  hint: "When it was last asked for",
  width: 100,
  value: (row) => toMs(row.last_accessed),
  cell: (element, row) => agoTick(element, toMs(row.last_accessed), serverNow()),
  tick: (element, row, at) => agoTick(element, toMs(row.last_accessed), at),
};

const NUMBERS: Column<Row>[] = [
  number("requests", "Requests", 92, started, "All that were started: ended, running and lost"),
  number("active", "Running", 74, (row) => row.active),
  number("errors", "Errors", 66, (row) => row.errors),
  {
    id: "rate",
    title: "Error rate",
    width: 82,
    right: true,
    value: errorRate,
    text: (row) => percent(errorRate(row)),
    hint: "Of those that ended",
  },
  time(
    "average",
    "Avg",
    (row) => (row.requests > 0 ? row.average_duration_ms : null),
    "Mean duration",
  ),
  time("p50", "p50", (row) => row.p50_ms, "Half of the requests took no longer"),
  time("p95", "p95", (row) => row.p95_ms, "95 of 100 requests took no longer"),
  time("ttft", "TTFT", (row) => row.ttft_p50_ms, "Time to first token: half of them came no later"),
  { ...time("total", "Total time", (row) => row.total_duration_ms), hide: true },
  tokens("in", "In", (row) => row.input_tokens, "Input tokens, without cache"),
  tokens("out", "Out", (row) => row.output_tokens, "Output tokens"),
  number("tools", "Tools", 72, (row) => row.tool_calls, "Tool calls"),
  tokens("cacheRead", "Cache rd", (row) => row.cache_read_tokens, "Tokens read from cache"),
  tokens("cacheWrite", "Cache wr", (row) => row.cache_creation_tokens, "Tokens written to cache"),
  {
    ...number(
      "mismatches",
      "Mismatched",
      98,
      (row) => row.model_mismatches,
      "Answered by another model than the one asked",
    ),
    hide: true,
  },
  { ...number("cancelled", "Cancelled", 88, (row) => row.cancelled), hide: true },
  { ...number("lost", "Lost", 72, (row) => row.lost), hide: true },
];

export const PROVIDER_COLUMNS: Column<Row>[] = [
  {
    id: "provider",
    title: "Provider",
    width: 110,
    flex: 1,
    value: (row) => row.provider ?? "",
    cell: (element, row) => badgeCell(element, row.provider ?? ""),
  },
  LAST,
  ...NUMBERS,
];

export const MODEL_COLUMNS: Column<Row>[] = [
  {
    id: "model",
    title: "Model",
    width: 210,
    flex: 2,
    mono: true,
    value: (row) => `${row.provider ?? ""}:${row.model ?? ""}`,
    cell: (element, row) => modelCell(element, row.provider ?? "", row.model ?? ""),
  },
  LAST,
  ...NUMBERS.map((c) => (c.id === "cacheWrite" || c.id === "rate" ? { ...c, hide: true } : c)),
];
