// Which rows a person wants to see. The quick search takes words; all must be
// found, each in any of the row's texts. Pure.
import type { TotalsRow, TraceRow } from "../api/types";
import { type Noted, notesOf, noteText } from "../format/notes";
import type { LiveRow } from "./live";
import type { Filters } from "./url";

export function filterActive(
  rows: ReadonlyMap<string, LiveRow>,
  filters: Filters,
): ReadonlyMap<string, LiveRow> {
  const words = wordsOf(filters.q);
  const test = (row: LiveRow) =>
    named(filters, row) &&
    (filters.phase === "" || row.phase === filters.phase) &&
    found(words, [
      row.request_id,
      row.provider,
      row.requested_model,
      row.resolved_model,
      row.proxy,
      row.phase,
      row.session,
      row.agent,
      row.client,
      row.trace_id,
      ...noted(row),
      row.stale ? "stale" : "",
    ]);
  if (words.length === 0 && !filters.phase && !anyName(filters)) return rows;
  return new Map([...rows].filter(([, row]) => test(row)));
}

export function filterTraces(rows: readonly TraceRow[], filters: Filters): readonly TraceRow[] {
  const words = wordsOf(filters.q);
  if (words.length === 0 && !filters.outcome && !anyName(filters)) return rows;
  return rows.filter(
    (row) =>
      named(filters, row) &&
      (filters.outcome === "" || row.outcome === filters.outcome) &&
      found(words, [
        row.request_id,
        row.provider,
        row.model,
        row.requested_model,
        row.resolved_model,
        row.proxy,
        row.outcome,
        String(row.http_status ?? ""),
        row.error_type,
        row.error,
        row.finish_reason,
        row.session,
        row.agent,
        row.client,
        row.user_agent,
        row.trace_id,
        ...noted(row),
      ]),
  );
}

/** What the views note behind the model is found as it reads. */
const noted = (row: Noted): string[] => notesOf(row).map(noteText);

/** Rollups follow the provider and model filters; a search for one request leaves them alone. */
export function filterTotals(
  rows: ReadonlyMap<string, TotalsRow>,
  filters: Filters,
): ReadonlyMap<string, TotalsRow> {
  if (!filters.provider && !filters.model) return rows;
  return new Map(
    [...rows].filter(
      ([, row]) =>
        (!filters.provider || row.provider === filters.provider) &&
        (!filters.model || row.model === undefined || row.model === filters.model),
    ),
  );
}

interface Named {
  provider: string;
  proxy: string;
  requested_model: string;
  resolved_model: string;
  model: string;
}

const anyName = (f: Filters): boolean => f.provider !== "" || f.model !== "" || f.proxy !== "";

function named(filters: Filters, row: Named): boolean {
  return (
    (!filters.provider || row.provider === filters.provider) &&
    (!filters.proxy || row.proxy === filters.proxy) &&
    (!filters.model ||
      row.resolved_model === filters.model ||
      row.model === filters.model ||
      row.requested_model === filters.model)
  );
}

export function wordsOf(q: string): string[] {
  return q.toLowerCase().split(/\s+/).filter(Boolean);
}

function found(words: string[], texts: (string | null | undefined)[]): boolean {
  if (words.length === 0) return true;
  const all = texts.join("\n").toLowerCase();
  return words.every((word) => all.includes(word));
}

/** The values a filter can take: what is there now, and what is chosen even if it is gone. */
export function choices(values: Iterable<string | undefined>, chosen: string): string[] {
  const all = new Set<string>();
  for (const value of values) if (value) all.add(value);
  if (chosen) all.add(chosen);
  return [...all].sort((a, b) => a.localeCompare(b));
}
